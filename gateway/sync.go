package gateway

import (
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/reading"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/socketio"
)

// Bounds of one sync.
const (
	maxSyncCursors = 2000      // rooms of the request
	maxSyncJoined  = 200       // rooms that are joined
	maxSyncRooms   = 50        // of these, rooms that events are sent of
	maxSyncBytes   = 512 << 10 // of events
	syncPage       = 500       // rooms of the list
	maxSyncReads   = 3         // of the list
)

// sync brings a client that comes back up to date: it sends what was missed in
// the rooms that the device holds, joins them, and answers with a page of the
// person's rooms and what is unread there. It is one catch-up among those of the
// socket.
func (c *conn) sync(ev *socketio.Event) {
	var req protocol.SyncRequest
	err := decode(ev, &req)
	if err == nil {
		err = c.limits.Joins.Take(c.gw.now())
	}
	var s *syncing
	if err == nil {
		s, err = c.newSync(&req)
	}
	if err != nil {
		c.refuse(ev, err)
		return
	}
	c.inTurn(ev, func() error { return s.run(ev) })
}

// syncing is one sync under way.
type syncing struct {
	c      *conn
	held   []held // what the device holds
	latest int
	after  chat.RoomID

	caughtUp []protocol.CaughtUp
	live     []*fanout.Subscription
	sent     int // rooms that events were sent of
	bytes    int // of events

	// The direct rooms and groups that are joined although the device did not
	// name them; without a subscription, that cannot be done now.
	beside map[chat.RoomID]beside
}

// beside is a room joined from its head on.
type beside struct {
	sub  *fanout.Subscription
	head chat.Head
}

// held is what a device holds of a room.
type held struct {
	room  chat.RoomID
	since chat.Cursor
}

func (c *conn) newSync(req *protocol.SyncRequest) (*syncing, error) {
	s := &syncing{c: c, latest: req.Latest, after: chat.RoomID(req.After), caughtUp: []protocol.CaughtUp{}, beside: make(map[chat.RoomID]beside)}
	switch {
	case len(req.Rooms) > maxSyncCursors:
		return nil, chat.Errorf(chat.Invalid, "A sync names %d rooms at most.", maxSyncCursors)
	case req.Latest == 0:
		s.latest = chat.DefaultLatest
	case req.Latest < 1 || req.Latest > chat.MaxPage:
		return nil, chat.Errorf(chat.Invalid, "latest is between 1 and %d.", chat.MaxPage)
	}
	seen := make(map[int64]bool, len(req.Rooms))
	for _, named := range req.Rooms {
		since, err := chat.ParseCursor(named.Since)
		switch {
		case err != nil:
			return nil, err
		case seen[named.RoomID]:
			return nil, chat.Errorf(chat.Invalid, "The room %d is named twice.", named.RoomID)
		}
		seen[named.RoomID] = true
		s.held = append(s.held, held{chat.RoomID(named.RoomID), since})
	}
	return s, nil
}

func (s *syncing) run(ev *socketio.Event) (err error) {
	c := s.c
	// Registered first and read second: what changes from here on is told.
	c.gw.lists.enter(c)
	if c.ctx.Err() != nil {
		c.gw.lists.leave(c)
		return c.ctx.Err()
	}
	defer func() {
		if err != nil {
			s.giveUp()
		}
	}()
	for _, held := range s.held {
		if err := s.catchUp(held); err != nil {
			return err
		}
	}
	// Joined first and told second. Which rooms that is, the list says: it is
	// read again when it has some that are not joined yet.
	for read := 1; ; read++ {
		var unheld []chat.RoomID
		err := c.gw.cfg.Reading.Own(c.ctx, c.user(), s.after, syncPage, func(page reading.Page) {
			if unheld = s.unheld(page.Rooms); len(unheld) == 0 || read == maxSyncReads {
				unheld = nil
				s.answer(ev, page)
			}
		})
		if err != nil || len(unheld) == 0 {
			return err
		}
		for _, room := range unheld {
			if err := s.join(room); err != nil {
				return err
			}
		}
	}
}

// answer tells what was caught up with and a page of the list, and lets the
// joined rooms follow. It runs in the person's turn.
func (s *syncing) answer(ev *socketio.Event, page reading.Page) {
	c := s.c
	ack := protocol.SyncAck{OK: true, Rooms: []protocol.RoomInfo{}, Next: int64(page.Next)}
	for _, room := range page.Rooms {
		ack.Rooms = append(ack.Rooms, c.gw.ListedRoom(room))
		c.gw.lists.show(c.user(), room.ID, room.Reading.Mentions)
		joined := s.beside[room.ID]
		delete(s.beside, room.ID)
		if joined.sub != nil {
			head := headOf(joined.head)
			s.caughtUp = append(s.caughtUp, protocol.CaughtUp{RoomID: int64(room.ID), Joined: true, Head: &head})
			s.live = append(s.live, joined.sub)
		}
	}
	ack.CaughtUp = s.caughtUp
	c.client.Live(c.ackFrame(ev, ack), s.live...)
	s.live = nil
	for _, left := range s.beside { // meanwhile
		if left.sub != nil {
			left.sub.Cancel()
		}
	}
}

// giveUp ends the subscriptions of the rooms that the device named, which it
// takes for not joined without an answer. The others go on: they may have been
// joined before.
func (s *syncing) giveUp() {
	for _, sub := range s.live {
		sub.Cancel()
	}
	for _, joined := range s.beside {
		if joined.sub != nil {
			joined.sub.Live()
		}
	}
}

// catchUp sends what was missed in one room, and joins it. What is wrong with
// this room alone is said in its place.
func (s *syncing) catchUp(held held) error {
	c := s.c
	if err := c.awaitBuffer(); err != nil {
		return err
	}
	caught := protocol.CaughtUp{RoomID: int64(held.room)}
	if s.sent == maxSyncRooms || s.bytes >= maxSyncBytes || len(s.live) == maxSyncJoined {
		caught.More = true
		s.caughtUp = append(s.caughtUp, caught)
		return nil
	}
	part, sub, err := c.missed(held, s.latest)
	switch {
	case err != nil && c.ctx.Err() != nil:
		return err
	case err != nil:
		refusal := chat.AsError(err)
		if refusal.Code == chat.Internal {
			c.gw.logger.ErrorContext(c.ctx, "a room could not be synced", "user", c.user(), "room", held.room, "error", err)
		}
		info := errorInfo(refusal)
		caught.Error = &info
	case part.Reset != "":
		caught.Reset = &protocol.Reset{Reason: string(part.Reset), Head: headOf(part.Head)}
	default:
		head := headOf(part.Head)
		caught.Joined, caught.Head = true, &head
		if part.GapTo != 0 {
			caught.Gap = &protocol.Gap{From: uint64(part.GapFrom), To: uint64(part.GapTo)}
		}
		s.live = append(s.live, sub)
		frames := c.partFrames(held.room, part)
		if len(frames) > 0 {
			s.sent++
		}
		for _, frame := range frames {
			s.bytes += len(frame)
		}
		c.queue(frames...)
	}
	s.caughtUp = append(s.caughtUp, caught)
	return nil
}

// missed subscribes to a room and reads what lies behind what the device holds;
// when that is more than one part, the last messages instead. Without a part
// that ends at the subscription's beginning there is no subscription.
func (c *conn) missed(held held, latest int) (part history.Part, sub *fanout.Subscription, err error) {
	hub, reader := c.gw.cfg.Hub, c.gw.cfg.Reader
	sub, head, err := hub.Subscribe(c.ctx, c.client, held.room)
	if err != nil {
		return part, nil, err
	}
	part, err = reader.Since(c.ctx, c.user(), held.room, held.since, head.Seq)
	if err == nil && part.More {
		part, err = reader.Latest(c.ctx, c.user(), held.room, latest, head.Seq)
	}
	if err == nil && part.Reset == "" {
		err = c.gw.know(c.ctx, part.Events)
	}
	if err != nil || part.Reset != "" {
		sub.Cancel()
		return part, nil, err
	}
	part.Head = head
	return part, sub, nil
}

// unheld picks from a page of the list the rooms that are to be joined although
// the device did not name them, and are not yet: direct rooms and groups, where
// everything that is said is for the person.
func (s *syncing) unheld(page []rooms.Room) (unheld []chat.RoomID) {
	named := make(map[chat.RoomID]bool, len(s.held))
	for _, held := range s.held {
		named[held.room] = true
	}
	for _, room := range page {
		if len(s.live)+len(s.beside)+len(unheld) >= maxSyncJoined {
			break
		}
		_, tried := s.beside[room.ID]
		if (room.Kind == chat.DirectRoom || room.Kind == chat.GroupRoom) && !named[room.ID] && !tried {
			unheld = append(unheld, room.ID)
		}
	}
	return unheld
}

// join subscribes to a room that the device holds nothing of. If that cannot be
// done now, the client is not told that it is joined.
func (s *syncing) join(room chat.RoomID) error {
	c := s.c
	sub, head, err := c.gw.cfg.Hub.Subscribe(c.ctx, c.client, room)
	if err != nil && c.ctx.Err() != nil {
		return err
	}
	if refusal := chat.AsError(err); err != nil && refusal.Code == chat.Internal {
		c.gw.logger.ErrorContext(c.ctx, "a room could not be joined by a sync", "user", c.user(), "room", room, "error", err)
	}
	s.beside[room] = beside{sub, head}
	return nil
}
