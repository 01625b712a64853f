package gateway

import (
	"context"
	"encoding/json"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// getMessages answers one page of a room's history.
func (c *conn) getMessages(ev *socketio.Event) {
	var req protocol.PageRequest
	room, ok := c.readRequest(ev, &req, &req.RoomRef)
	if !ok {
		return
	}
	query, err := pageQuery(&req)
	if err != nil {
		c.refuse(ev, err)
		return
	}
	c.task(ev, func() error {
		page, err := c.gw.cfg.Reader.Page(c.ctx, c.user(), room, query)
		if err != nil {
			return err
		}
		ack, err := c.gw.Page(c.ctx, page)
		if err != nil {
			return err
		}
		c.acknowledge(ev, ack)
		return nil
	})
}

func pageQuery(req *protocol.PageRequest) (query history.PageQuery, err error) {
	query.Limit = req.Limit
	for _, place := range []struct {
		name string
		seq  *uint64
		into *chat.Seq
	}{{"before", req.Before, &query.Before}, {"after", req.After, &query.After}, {"around", req.Around, &query.Around}} {
		if *place.into, err = givenSeq(place.name, place.seq); err != nil {
			return query, err
		}
	}
	if req.AtLeast != "" {
		query.AtLeast, err = chat.ParseCursor(req.AtLeast)
	}
	return query, err
}

// givenSeq is the number of an event, or 0 when the client has given none.
func givenSeq(name string, seq *uint64) (chat.Seq, error) {
	switch {
	case seq == nil:
		return 0, nil
	case *seq == 0:
		return 0, chat.Errorf(chat.Invalid, "%s is the number of an event, 1 or more; leave it out otherwise.", name)
	}
	return chat.Seq(*seq), nil
}

// Page is a page as clients get it, on sockets and over REST alike.
func (g *Gateway) Page(ctx context.Context, page history.Page) (protocol.PageAck, error) {
	if err := g.know(ctx, page.Events); err != nil {
		return protocol.PageAck{}, err
	}
	ack := protocol.PageAck{
		OK: true, Events: make([]json.RawMessage, 0, len(page.Events)),
		AsOf: uint64(page.AsOf), Head: headOf(page.Head),
		MoreBefore: page.MoreBefore, MoreAfter: page.MoreAfter,
	}
	for _, ev := range page.Events {
		ack.Events = append(ack.Events, chat.AppendFrame(nil, ev, page.RoomName, g.cfg.Hub.Person(ev.User).Name))
	}
	return ack, nil
}
