package gateway

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// Frames makes what sockets are sent of events.
type Frames struct {
	// ShowEmail lets Turbo-Chat's clients see the e-mail addresses of others;
	// otherwise these fields carry the handle. Parley's own events never
	// contain them.
	ShowEmail bool
}

// Event makes the frame of an event in one shape; it is the hub's encoder.
func (f Frames) Event(shape fanout.Shape, ev *chat.Event, room string, author chat.Person) []byte {
	if shape == fanout.Turbo {
		return f.turboEvent(ev, room, author)
	}
	return socketio.EventFrame("/", protocol.ReceiveMessage, chat.AppendFrame(make([]byte, 0, len(ev.Body)+192), ev, room, author.Name))
}

// Reset makes the frame that ends a subscription.
func (f Frames) Reset(room chat.RoomID, reason chat.ResetReason, head chat.Head) []byte {
	return socketio.EventFrame("/", protocol.ReceiveMessage, chat.AppendReset(nil, room, reason, head))
}

// gap makes the frame that stands before the first event behind a gap.
func (f Frames) gap(room chat.RoomID, from, to chat.Seq) []byte {
	return socketio.EventFrame("/", protocol.ReceiveMessage, chat.AppendGap(nil, room, from, to))
}

// mail is what Turbo-Chat's shapes show of a person.
func (f Frames) mail(p chat.Person) string {
	if f.ShowEmail && p.Email != "" {
		return p.Email
	}
	return p.Handle
}

func (f Frames) turboOnline(room string, people []onlinePerson) protocol.TurboOnline {
	list := protocol.TurboOnline{RoomName: room, Users: make([]string, 0, len(people))}
	for _, p := range people {
		list.Users = append(list.Users, f.mail(p.Person))
	}
	return list
}

// eventFrame encodes an event of the server.
func eventFrame(event string, payload any) []byte {
	return socketio.EventFrame("/", event, encode(payload))
}

// encode encodes one of package protocol's structs, which cannot fail.
func encode(payload any) json.RawMessage {
	raw, err := json.Marshal(payload)
	if err != nil {
		panic(fmt.Sprintf("gateway: encode %T: %v", payload, err))
	}
	return raw
}

// isoTime is how Turbo-Chat's shapes write a time.
func isoTime(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
}
