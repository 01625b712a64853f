package gateway

import (
	"encoding/json"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/presence"
	"github.com/parleychat/parley/protocol"
)

// hint is what nodes tell each other about what is no event and may be lost. A
// node of another version passes over what it does not know.
type hint struct {
	Typing *protocol.TypingNotice `json:"typing,omitempty"`
	Read   *readHint              `json:"read,omitempty"`

	Settings *settingsHint `json:"settings,omitempty"`
	Draft    *draftHint    `json:"draft,omitempty"`
	Status   *statusHint   `json:"status,omitempty"`
}

// readHint is for the devices of one person.
type readHint struct {
	User     chat.UserID       `json:"user"`
	Standing protocol.Standing `json:"standing"`
}

// settingsHint is for the devices of one person.
type settingsHint struct {
	User     chat.UserID             `json:"user"`
	Settings protocol.SettingsOfRoom `json:"settings"`
}

// draftHint is for the devices of one person.
type draftHint struct {
	User  chat.UserID          `json:"user"`
	Draft protocol.DraftOfRoom `json:"draft"`
}

// listenToOthers lets the nodes hear each other, if presence joins them.
func (g *Gateway) listenToOthers() {
	if others, joined := g.cfg.Presence.(presence.Teller); joined {
		g.others = others
		others.Hear(g.hear)
	}
}

func (g *Gateway) hint(h hint) {
	if g.others == nil {
		return
	}
	if text, err := json.Marshal(h); err == nil {
		g.others.Tell(text)
	}
}

// hear passes a hint of another node on to the sockets of this one. It asks
// nobody and waits for nothing.
func (g *Gateway) hear(message []byte) {
	var h hint
	if json.Unmarshal(message, &h) != nil {
		return
	}
	if h.Typing != nil {
		g.showTyping(*h.Typing)
	}
	if h.Status != nil {
		g.tellPerson(h.Status.User, eventFrame(protocol.StatusChanged, h.Status.Status), nil)
	}
	if h.Read != nil {
		g.lists.told(h.Read.User, chat.RoomID(h.Read.Standing.RoomID), h.Read.Standing.Mentions)
		g.tellPerson(h.Read.User, eventFrame(protocol.ReadChanged, h.Read.Standing), nil)
	}
	if h.Settings != nil {
		g.tellPerson(h.Settings.User, eventFrame(protocol.SettingsChanged, h.Settings.Settings), nil)
	}
	if h.Draft != nil {
		g.tellPerson(h.Draft.User, eventFrame(protocol.DraftChanged, h.Draft.Draft), nil)
	}
}
