package gateway

import (
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// searchPeople finds people by how they are called, whether the person shares a
// room with them or not.
func (c *conn) searchPeople(ev *socketio.Event) {
	var req protocol.SearchPeopleRequest
	err := decode(ev, &req)
	if err == nil {
		err = c.limits.Searches.Take(c.gw.now())
	}
	if err != nil {
		c.refuse(ev, err)
		return
	}
	c.task(ev, func() error {
		found, next, err := c.gw.cfg.Auth.Find(c.ctx, c.user(), req.Search, req.After, req.Limit)
		if err != nil {
			return err
		}
		page := protocol.PeoplePage{People: make([]protocol.PersonInfo, 0, len(found)), Next: next}
		for _, p := range found {
			page.People = append(page.People, personInfo(p))
		}
		c.acknowledge(ev, protocol.SearchPeopleAck{OK: true, PeoplePage: page})
		return nil
	})
}
