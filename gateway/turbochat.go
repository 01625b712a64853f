package gateway

import (
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
)

// becomeTurbo makes this the socket of a Turbo-Chat client. One is known by
// its first joinRoom, which comes without an acknowledgement callback.
func (c *conn) becomeTurbo() {
	c.turbo.Store(true)
	c.client.SetShape(fanout.Turbo)
}

// joinTurbo subscribes a Turbo-Chat client from now on, welcomes it, and lets
// the room know who is there.
func (c *conn) joinTurbo(room chat.RoomID) error {
	var people []onlinePerson
	var name string
	err := c.gw.viewOnline(c, room, func(online []onlinePerson, called string) { people, name = online, called })
	if err != nil {
		return err
	}
	sortPeople(people)
	sub, _, err := c.gw.cfg.Hub.Subscribe(c.ctx, c.client, room)
	if err != nil {
		return err
	}
	mail := c.person().Email
	c.emit(protocol.ReceiveMessage, protocol.TurboEvent{
		RoomName: name, UserMail: mail, IsEvent: true,
		MessageText: fmt.Sprintf("Welcome %s to room no %s", mail, name),
	})
	c.emit(protocol.OnlineUsers, c.gw.cfg.Frames.turboOnline(name, people))
	sub.Live()
	c.gw.marks.add(room, c.user())
	return nil
}

// tellTurbo shows a refusal as a line in the conversation, to a client that
// has no other way to hear of it.
func (c *conn) tellTurbo(refusal *chat.Error) {
	if !c.turbo.Load() {
		return
	}
	c.emit(protocol.ReceiveMessage, protocol.TurboEvent{IsEvent: true, MessageText: refusal.Message})
}

// turboEvent is an event as Turbo-Chat's clients know it: messages, and people
// who join or leave; nil for everything else.
func (f Frames) turboEvent(ev *chat.Event, room string, author chat.Person) []byte {
	if ev.Void() {
		return nil
	}
	turbo := protocol.TurboEvent{RoomName: room, UserMail: f.mail(author)}
	switch ev.Kind {
	case chat.KindMessage:
		turbo.MessageText = ev.Text()
	case chat.KindJoin:
		turbo.MessageText, turbo.IsEvent = turbo.UserMail+" joined the room", true
	case chat.KindLeave:
		turbo.MessageText, turbo.IsEvent = turbo.UserMail+" left the room", true
	default:
		return nil
	}
	return eventFrame(protocol.ReceiveMessage, turbo)
}
