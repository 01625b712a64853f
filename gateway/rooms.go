package gateway

import (
	"unicode/utf8"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/rooms"
)

// ListedRoom is a room as clients get it that the rooms service has found, on
// sockets and over REST alike.
func (g *Gateway) ListedRoom(room rooms.Room) protocol.RoomInfo {
	info := protocol.RoomInfo{
		ID:        int64(room.ID),
		Name:      room.Name,
		Kind:      string(room.Kind),
		Topic:     room.Topic,
		Archived:  room.Archived,
		Members:   room.Members,
		Role:      string(room.Role),
		Head:      headOf(room.Head),
		CreatedAt: room.CreatedAt,
	}
	if room.Peer != 0 {
		peer := personInfo(g.cfg.Hub.Person(room.Peer))
		info.Peer = &peer
	}
	if room.Reading != nil {
		mark := readMark(room.Reading.Mark)
		info.Read, info.Mentions = &mark, room.Reading.Mentions
		info.Unread = room.Reading.Mark.Unread(room.Head)
	}
	if room.Settings.Version != 0 {
		settings := roomSettings(room.Settings)
		info.Settings = &settings
	}
	if room.Draft.Version != 0 {
		draft := MessageDraftInfo(room.Draft.MessageDraft)
		draft.Long = room.Draft.Long
		info.Draft = &draft
	}
	if room.Last != nil {
		info.Last = g.lastMessage(room.Last)
	}
	return info
}

// lastMessageChars is how much of the last message a list shows.
const lastMessageChars = 200

func (g *Gateway) lastMessage(ev *chat.Event) *protocol.LastMessage {
	text := ev.Text()
	for i, chars := 0, 0; i < len(text); chars++ {
		if chars == lastMessageChars {
			text = text[:i]
			break
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	return &protocol.LastMessage{
		Seq: uint64(ev.Seq), UserID: int64(ev.User), UserName: g.cfg.Hub.Person(ev.User).Name,
		At: ev.At, Text: text, Deleted: ev.Deleted,
	}
}

// tellPerson sends a frame to all of a person's sockets on this node but one,
// and but those of Turbo-Chat's clients, who would not understand it.
func (g *Gateway) tellPerson(user chat.UserID, frame []byte, except *fanout.Client) {
	for _, c := range g.cfg.Hub.Clients(user) {
		if c == except || c.Shape() == fanout.Turbo {
			continue
		}
		c.Post(func() { c.Conn().Queue(frame) })
	}
}
