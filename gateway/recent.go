package gateway

import (
	"context"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// getRecentMessages answers the newest messages, newest first, in the shape of
// Turbo-Chat; its clients get them as the event recentMessages.
func (c *conn) getRecentMessages(ev *socketio.Event) {
	var req protocol.RecentRequest
	room, ok := c.readRequest(ev, &req, &req.RoomRef)
	if !ok {
		return
	}
	c.task(ev, func() error {
		recent, err := c.gw.cfg.Reader.Recent(c.ctx, c.user(), room, RecentCount(req.Count))
		if err != nil {
			return err
		}
		messages, err := c.gw.Recent(c.ctx, recent)
		if err != nil {
			return err
		}
		if !ev.HasAck() {
			c.emit(protocol.RecentMessages, messages)
			return nil
		}
		c.acknowledge(ev, protocol.RecentAck{OK: true, Messages: messages})
		return nil
	})
}

// RecentCount clamps how many messages a Turbo-Chat client asks for.
func RecentCount(count int) int {
	if count <= 0 {
		return chat.DefaultRecent
	}
	return min(count, chat.MaxPage)
}

// Recent is messages, newest first, in the shape of Turbo-Chat's history.
func (g *Gateway) Recent(ctx context.Context, page history.Page) ([]protocol.TurboMessage, error) {
	if err := g.know(ctx, page.Events); err != nil {
		return nil, err
	}
	messages := make([]protocol.TurboMessage, 0, len(page.Events))
	for _, ev := range page.Events {
		messages = append(messages, protocol.TurboMessage{
			ID: uint64(ev.Seq), MessageText: ev.Text(), SenderMail: g.cfg.Frames.mail(g.cfg.Hub.Person(ev.User)),
			RoomName: page.RoomName, CreatedAt: isoTime(ev.At), UpdatedAt: isoTime(ev.At),
		})
	}
	return messages, nil
}
