package gateway

import (
	"context"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// catchUpBuffer is how little may be queued on a socket before the next part of
// a catch-up is sent to it: catching up makes nobody slow.
const catchUpBuffer = 256 << 10

// joinRoom makes the person a member of a public room, the first time, and
// subscribes the socket, after sending what it asks to catch up with. The
// membership is settled on the reading goroutine, so that what the client sends
// next finds it; the catch-up runs beside it, one at a time.
func (c *conn) joinRoom(ev *socketio.Event) {
	var req protocol.JoinRequest
	if err := decode(ev, &req); err != nil {
		c.refuse(ev, err)
		return
	}
	if !ev.HasAck() && !c.joined {
		c.becomeTurbo()
	}
	c.joined = true
	room, err := c.enter(&req)
	if err != nil {
		c.refuse(ev, err)
		return
	}
	c.inTurn(ev, func() error { return c.catchUp(ev, room, &req) })
}

// inTurn runs a catch-up beside the socket's reader, behind those that were
// asked for before.
func (c *conn) inTurn(ev *socketio.Event, run func() error) {
	before, after := c.turn, make(chan struct{})
	c.turn = after
	if !c.task(ev, func() error {
		defer close(after)
		if before != nil {
			<-before
		}
		return run()
	}) {
		close(after)
	}
}

// enter finds the room, makes the person a member if that is what joining
// means here, and remembers what the room's name meant.
func (c *conn) enter(req *protocol.JoinRequest) (chat.RoomID, error) {
	if err := c.limits.Joins.Take(c.gw.now()); err != nil {
		return 0, err
	}
	room, err := c.room(req.RoomRef)
	if err != nil {
		return 0, err
	}
	member := false
	err = c.gw.cfg.Hub.Permit(c.ctx, room, func(v *fanout.View) error {
		if _, readable := v.State.ReadableFrom(c.user()); !readable {
			return fanout.NotReadable(v.State, c.user())
		}
		_, member = v.State.Members[c.user()]
		return nil
	})
	if err != nil {
		return 0, err
	}
	if !member && !req.Preview {
		answer := c.gw.cfg.Hub.SubmitWait(c.ctx, fanout.Submission{
			Draft: chat.Record{Kind: chat.KindJoin, Room: room, User: c.user()},
		})
		if answer.Err != nil {
			return 0, answer.Err
		}
	}
	if req.RoomName != "" {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.names == nil {
			c.names = make(map[string]chat.RoomID)
		}
		c.names[req.RoomName] = room
	}
	return room, nil
}

// catchUp sends what the client missed, acknowledges, and lets the room's
// events follow.
func (c *conn) catchUp(ev *socketio.Event, room chat.RoomID, req *protocol.JoinRequest) error {
	if err := c.awaitBuffer(); err != nil {
		return err
	}
	switch {
	case c.turbo.Load() && !ev.HasAck():
		return c.joinTurbo(room)
	case req.Since != nil && req.Latest != 0:
		return chat.Errorf(chat.Invalid, "Give since or latest, not both.")
	case req.Since != nil:
		cursor, err := chat.ParseCursor(*req.Since)
		if err != nil {
			return err
		}
		return c.resume(ev, room, cursor)
	case req.Latest != 0:
		return c.joinLatest(ev, room, req.Latest)
	default:
		return c.joinNow(ev, room)
	}
}

// resume sends everything behind the cursor: as long as it is more than one
// part, one part and more:true; then subscribes first, reads the rest up to
// where the subscription began, and lets what came meanwhile follow.
func (c *conn) resume(ev *socketio.Event, room chat.RoomID, since chat.Cursor) error {
	hub, reader := c.gw.cfg.Hub, c.gw.cfg.Reader
	hub.Unsubscribe(c.client, room)
	// Whatever the log has above what is applied here comes live: a client that
	// is not ahead of this node can come back also while the log is away.
	info, err := c.roomInfo(room, 1)
	if err != nil {
		return err
	}
	if since.Seq > chat.Seq(info.Head.Seq) || chat.Seq(info.Head.Seq)-since.Seq > chat.MaxResumeEvents {
		part, err := reader.Since(c.ctx, c.user(), room, since, 0)
		if err != nil {
			return err
		}
		if part.Reset != "" || len(part.Events) > 0 {
			part.More = part.Reset == ""
			return c.sendPart(ev, info, part)
		}
		// The node was behind the cursor and has caught up with it: nothing
		// was missed.
	}
	sub, head, err := hub.Subscribe(c.ctx, c.client, room)
	if err != nil {
		return err
	}
	failpoint.Pass(failpoint.CatchUpBegun)
	part, err := reader.Since(c.ctx, c.user(), room, since, head.Seq)
	if err != nil {
		sub.Cancel()
		return err
	}
	if part.Reset != "" || part.More {
		sub.Cancel()
		return c.sendPart(ev, info, part)
	}
	part.Head = head
	return c.sendLast(ev, info, part, sub)
}

// joinLatest sends the last so many messages, with the gap before them, and
// lets what came meanwhile follow.
func (c *conn) joinLatest(ev *socketio.Event, room chat.RoomID, messages int) error {
	if messages < 1 || messages > chat.MaxPage {
		return chat.Errorf(chat.Invalid, "latest is between 1 and %d.", chat.MaxPage)
	}
	info, err := c.roomInfo(room, 0)
	if err != nil {
		return err
	}
	sub, head, err := c.gw.cfg.Hub.Subscribe(c.ctx, c.client, room)
	if err != nil {
		return err
	}
	part, err := c.gw.cfg.Reader.Latest(c.ctx, c.user(), room, messages, head.Seq)
	if err != nil {
		sub.Cancel()
		return err
	}
	part.Head = head
	return c.sendLast(ev, info, part, sub)
}

// joinNow subscribes from the present head on.
func (c *conn) joinNow(ev *socketio.Event, room chat.RoomID) error {
	info, err := c.roomInfo(room, 0)
	if err != nil {
		return err
	}
	sub, head, err := c.gw.cfg.Hub.Subscribe(c.ctx, c.client, room)
	if err != nil {
		return err
	}
	return c.sendLast(ev, info, history.Part{Head: head}, sub)
}

// sendLast sends the last part of a catch-up; with its acknowledgement the
// room's events follow.
func (c *conn) sendLast(ev *socketio.Event, info protocol.RoomInfo, part history.Part, sub *fanout.Subscription) error {
	frames, ack, err := c.partAnswer(ev, info, part)
	if err != nil {
		sub.Cancel()
		return err
	}
	c.queue(frames...)
	failpoint.Pass(failpoint.CatchUpSent)
	c.client.Live(ack, sub)
	return nil
}

// sendPart sends the events of a part and, behind them, the acknowledgement. A
// reset stands alone.
func (c *conn) sendPart(ev *socketio.Event, info protocol.RoomInfo, part history.Part) error {
	frames, ack, err := c.partAnswer(ev, info, part)
	if err != nil {
		return err
	}
	if ack != nil {
		frames = append(frames, ack)
	}
	c.queue(frames...)
	return nil
}

// partAnswer is the frames of a part's events and that of the acknowledgement,
// nil if none was asked for.
func (c *conn) partAnswer(ev *socketio.Event, info protocol.RoomInfo, part history.Part) (frames [][]byte, ack []byte, err error) {
	if err := c.gw.know(c.ctx, part.Events); err != nil {
		return nil, nil, err
	}
	head := headOf(part.Head)
	answer := protocol.JoinAck{OK: true, Room: &info, Head: &head, More: part.More}
	if part.Reset != "" {
		answer = protocol.JoinAck{OK: true, Reset: &protocol.Reset{Reason: string(part.Reset), Head: head}}
	}
	info.Head = head
	if part.GapTo != 0 {
		answer.Gap = &protocol.Gap{From: uint64(part.GapFrom), To: uint64(part.GapTo)}
	}
	part.RoomName = info.Name
	return c.partFrames(chat.RoomID(info.ID), part), c.ackFrame(ev, answer), nil
}

// partFrames are the events of a part, whose authors are known, and the gap
// before them.
func (c *conn) partFrames(room chat.RoomID, part history.Part) [][]byte {
	frames := make([][]byte, 0, len(part.Events)+2)
	if part.GapTo != 0 {
		frames = append(frames, c.gw.cfg.Frames.gap(room, part.GapFrom, part.GapTo))
	}
	for _, event := range part.Events {
		frames = append(frames, c.gw.cfg.Frames.Event(fanout.Modern, event, part.RoomName, c.gw.cfg.Hub.Person(event.User)))
	}
	return frames
}

// roomInfo describes the room as of the event atLeast or later. With 0 it is as
// of everything that is in the log now: then a client that changes nodes, and
// says nothing of what it has, does not go back in time.
func (c *conn) roomInfo(room chat.RoomID, atLeast chat.Seq) (protocol.RoomInfo, error) {
	var info protocol.RoomInfo
	err := c.gw.cfg.Hub.View(c.ctx, room, atLeast, func(v *fanout.View) error {
		if _, readable := v.State.ReadableFrom(c.user()); !readable {
			return fanout.NotReadable(v.State, c.user())
		}
		info = c.gw.roomInfo(v, c.user())
		return nil
	})
	return info, err
}

// awaitBuffer waits until little enough is queued on the socket.
func (c *conn) awaitBuffer() error {
	if c.socket.Buffered() < catchUpBuffer {
		return nil
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for c.socket.Buffered() >= catchUpBuffer {
		select {
		case <-tick.C:
		case <-c.ctx.Done():
			return context.Cause(c.ctx)
		}
	}
	return nil
}
