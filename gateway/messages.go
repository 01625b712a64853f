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
	query := history.PageQuery{
		Before: chat.Seq(req.Before), After: chat.Seq(req.After), Around: chat.Seq(req.Around),
		Limit: req.Limit,
	}
	if req.AtLeast != "" {
		cursor, err := chat.ParseCursor(req.AtLeast)
		if err != nil {
			c.refuse(ev, err)
			return
		}
		query.AtLeast = cursor
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
