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
		people, name, err := c.gw.onlineIn(c, room)
		if err != nil {
			return err
		}
		if !ev.HasAck() {
			c.emit(protocol.OnlineUsers, c.gw.cfg.Frames.turboOnline(name, people))
			return nil
		}
		c.acknowledge(ev, protocol.OnlineAck{OK: true, Users: onlinePeople(people)})
		return nil
	})
}

// onlineIn lists who of the room's members is online, for somebody who may read
// the room.
func (g *Gateway) onlineIn(c *conn, room chat.RoomID) (people []chat.Person, name string, err error) {
	err = g.cfg.Hub.View(c.ctx, room, 1, func(v *fanout.View) error {
		if _, readable := v.State.ReadableFrom(c.user()); !readable {
			return fanout.NotReadable(v.State, c.user())
		}
		people, name = g.onlineMembers(v), v.State.Name
		return nil
	})
	sortPeople(people)
	return people, name, err
}

func (g *Gateway) onlineMembers(v *fanout.View) []chat.Person {
	people := []chat.Person{}
	for user := range v.State.Members {
		if g.cfg.Presence.Online(user) {
			people = append(people, g.cfg.Hub.Person(user))
		}
	}
	return people
}

func sortPeople(people []chat.Person) {
	slices.SortFunc(people, func(a, b chat.Person) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
}

func onlinePeople(people []chat.Person) []protocol.PersonInfo {
	list := make([]protocol.PersonInfo, 0, len(people))
	for _, p := range people {
		list = append(list, protocol.PersonInfo{ID: int64(p.ID), Name: p.Name, Handle: p.Handle})
	}
	return list
}
