package gateway

import (
	"cmp"
	"slices"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// getOnlineUsers answers who of a room's members is online. A Turbo-Chat
// client gets the list as the event onlineUsers.
func (c *conn) getOnlineUsers(ev *socketio.Event) {
	var req protocol.OnlineRequest
	room, ok := c.readRequest(ev, &req, &req.RoomRef)
	if !ok {
		return
	}
	c.task(ev, func() error {
		return c.gw.viewOnline(c, room, func(people []onlinePerson, name string) {
			// Posted under the room's lock, so that every change which the list
			// does not hold comes behind it.
			c.client.Post(func() {
				sortPeople(people)
				if ev.HasAck() {
					c.socket.Queue(c.ackFrame(ev, protocol.OnlineAck{OK: true, Users: onlineInfos(people)}))
				} else {
					c.socket.Queue(eventFrame(protocol.OnlineUsers, c.gw.cfg.Frames.turboOnline(name, people)))
				}
			})
		})
	})
}

// onlinePerson is somebody who is online, and how they are shown.
type onlinePerson struct {
	chat.Person
	status chat.Status
}

// viewOnline lists who of the room's members is online, for somebody who may
// read the room. show is called under the room's lock.
func (g *Gateway) viewOnline(c *conn, room chat.RoomID, show func(people []onlinePerson, name string)) error {
	return g.cfg.Hub.Permit(c.ctx, room, func(v *fanout.View) error {
		if _, readable := v.State.ReadableFrom(c.user()); !readable {
			return fanout.NotReadable(v.State, c.user())
		}
		show(g.onlineMembers(v), v.State.Name)
		return nil
	})
}

func (g *Gateway) onlineMembers(v *fanout.View) []onlinePerson {
	people := []onlinePerson{}
	for user := range v.State.Members {
		if status := g.cfg.Presence.Status(user); status != chat.StatusOffline {
			people = append(people, onlinePerson{g.cfg.Hub.Person(user), status})
		}
	}
	return people
}

func sortPeople(people []onlinePerson) {
	slices.SortFunc(people, func(a, b onlinePerson) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
}

func onlineInfo(p onlinePerson) protocol.OnlinePerson {
	return protocol.OnlinePerson{PersonInfo: personInfo(p.Person), Status: string(p.status)}
}

func onlineInfos(people []onlinePerson) []protocol.OnlinePerson {
	list := make([]protocol.OnlinePerson, 0, len(people))
	for _, p := range people {
		list = append(list, onlineInfo(p))
	}
	return list
}

func personInfo(p chat.Person) protocol.PersonInfo {
	return protocol.PersonInfo{ID: int64(p.ID), Name: p.Name, Handle: p.Handle, Picture: p.Picture}
}
