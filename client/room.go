package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/parleychat/parley/protocol"
)

const (
	// defaultQueue is how many events of a room wait for [Room.Next] at most.
	defaultQueue = 1000
	// latestAfterReset is how many messages a room begins with anew.
	latestAfterReset = 50
)

// Start is where in a room's history to begin.
type Start struct {
	since  string
	latest int
}

// FromNow begins with what happens next.
func FromNow() Start { return Start{} }

// Latest begins with the n-th last message, n up to 200. An event of kind gap
// says what was left out before it.
func Latest(n int) Start { return Start{latest: n} }

// Since begins behind a cursor: "0" is the beginning of the room. An empty one,
// of a program that has handled nothing yet, is Latest(50).
func Since(cursor string) Start {
	if cursor == "" {
		return Latest(latestAfterReset)
	}
	return Start{since: cursor}
}

// Room is a room that is listened to, from [Client.Join] to [Room.Close]. Next
// and Events are for one goroutine at a time; all else may be called from any.
type Room struct {
	c  *Client
	id int64

	// Guarded by the client's mutex.
	phase    phase
	info     protocol.RoomInfo
	joined   chan struct{} // closed when it was live for the first time
	isJoined bool
	start    Start // for a join without a cursor

	// What was received: everything up to high.
	began    bool // high and what follows mean something
	high     uint64
	cursor   string
	turn     int // counts joins; an answer to an earlier one is not wanted
	setbacks backoff
	holes    int // found in a row
	again    *time.Timer

	queue   []item
	arrived chan struct{} // the queue is not empty, or the room has ended
	handled string        // cursor of what Next has returned
	err     error         // why it has ended
	ended   chan struct{} // closed then

	outbox outbox
}

// item is an event, or a place that was reached without anything to see.
type item struct {
	event  protocol.Event
	cursor string
	silent bool
}

// phase is where a room stands with the server.
type phase int

const (
	away     phase = iota // there is no connection, or the next attempt waits
	clearing              // what an earlier subscription sends is not taken
	joining               // what was missed is coming
	live                  // what happens comes
	full                  // the reader is behind: what comes is not taken
	over                  // it has ended
)

// Join listens to a room, and on a public one makes the person a member. It
// returns when everything up to the present has been received, as far as the
// queue takes it; or when the server refuses; or when ctx ends.
func (c *Client) Join(ctx context.Context, id int64, start Start) (*Room, error) {
	r := &Room{
		c: c, id: id, start: start,
		joined: make(chan struct{}), ended: make(chan struct{}), arrived: make(chan struct{}, 1),
		setbacks: backoff{first: 300 * time.Millisecond, most: 15 * time.Second},
	}
	r.outbox.init(r)
	if err := c.add(r); err != nil {
		return nil, r.wrap(err)
	}
	select {
	case <-r.joined:
		return r, nil
	case <-r.ended:
		c.mu.Lock()
		defer c.mu.Unlock()
		return nil, r.wrap(r.err)
	case <-ctx.Done():
		r.Close()
		return nil, r.wrap(ctx.Err())
	}
}

// add begins to join the room.
func (c *Client) add(r *Room) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return c.err
	case c.rooms[r.id] != nil:
		return errors.New("it is joined already")
	}
	c.rooms[r.id] = r
	r.join()
	return nil
}

// JoinName is Join for the public room of a name.
func (c *Client) JoinName(ctx context.Context, name string, start Start) (*Room, error) {
	// A preview says which room it is and makes nobody a member. Join ends the
	// subscription that it begins.
	var ack protocol.JoinAck
	req := protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomName: name}, Preview: true}
	if err := c.Call(ctx, protocol.JoinRoom, req, &ack); err != nil {
		return nil, err
	}
	if ack.Room == nil {
		return nil, fmt.Errorf("room %q: the server does not say which one it is", name)
	}
	return c.Join(ctx, ack.Room.ID, start)
}

// ID is the room's id.
func (r *Room) ID() int64 { return r.id }

// Info is the room as it was when it was joined last.
func (r *Room) Info() protocol.RoomInfo {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	return r.info
}

// Cursor stands for everything that Next has returned, and what had nothing to
// show before it. A program that keeps it, having handled that, goes on with
// Since(it) after its own restart. It is empty only before the first event of a
// room that was joined without one.
func (r *Room) Cursor() string {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	return r.handled
}

// Next waits for the next event of the room. Kinds void and hidden, which have
// nothing to show, are left out. An event of kind gap says that the events From
// to To were left out; one of kind reset that what came before it is no part of
// the room's history any more, as far as this person may read it, and that the
// room begins anew behind it, with its latest messages.
//
// The error is that of ctx; or why the room has ended, behind the last event.
func (r *Room) Next(ctx context.Context) (protocol.Event, error) {
	for {
		ev, found, err := r.take()
		if found || err != nil {
			return ev, err
		}
		select {
		case <-r.arrived:
		case <-ctx.Done():
			return protocol.Event{}, ctx.Err()
		}
	}
}

// Events is Next in a loop. An error ends it.
func (r *Room) Events(ctx context.Context) iter.Seq2[protocol.Event, error] {
	return func(yield func(protocol.Event, error) bool) {
		for {
			ev, err := r.Next(ctx)
			if !yield(ev, err) || err != nil {
				return
			}
		}
	}
}

// take takes the next event that has something to show.
func (r *Room) take() (protocol.Event, bool, error) {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	for len(r.queue) > 0 {
		next := r.queue[0]
		r.queue[0] = item{}
		r.queue = r.queue[1:]
		if next.cursor != "" {
			r.handled = next.cursor
		}
		if r.phase == full && len(r.queue) <= r.c.queueLimit/2 {
			r.phase = away
			r.join()
		}
		if !next.silent {
			return next.event, true, nil
		}
	}
	if r.err != nil {
		r.tell() // for whoever asks again
		return protocol.Event{}, false, r.wrap(r.err)
	}
	return protocol.Event{}, false, nil
}

func (r *Room) put(next item) {
	r.queue = append(r.queue, next)
	r.tell()
}

func (r *Room) tell() {
	select {
	case r.arrived <- struct{}{}:
	default:
	}
}

// Page reads a page of the room's history, for which only Before, After,
// Around, Limit and AtLeast of the request count.
func (r *Room) Page(ctx context.Context, wanted protocol.PageRequest) (Page, error) {
	wanted.RoomRef = protocol.RoomRef{RoomID: r.id}
	var ack protocol.PageAck
	if err := r.c.Call(ctx, protocol.GetMessages, wanted, &ack); err != nil {
		return Page{}, r.wrap(err)
	}
	page := Page{AsOf: ack.AsOf, Head: ack.Head, MoreBefore: ack.MoreBefore, MoreAfter: ack.MoreAfter}
	for _, raw := range ack.Events {
		var ev protocol.Event
		if err := json.Unmarshal(raw, &ev); err != nil {
			return Page{}, r.wrap(fmt.Errorf("page: %w", err))
		}
		page.Events = append(page.Events, ev)
	}
	return page, nil
}

// Page is every event between the first and the last message of a page, in the
// order of seq. It is exact as of AsOf.
type Page struct {
	Events     []protocol.Event
	AsOf       uint64
	Head       protocol.Head
	MoreBefore bool
	MoreAfter  bool
}

// Close stops listening. The person stays a member.
func (r *Room) Close() {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	if r.c.conn != nil && r.phase != over {
		r.c.conn.ask(protocol.LeaveRoom, protocol.LeaveRequest{RoomRef: r.ref()}, func(json.RawMessage, error) {})
	}
	r.end(ErrClosed)
}

// Leave ends the membership, and stops listening.
func (r *Room) Leave(ctx context.Context) error {
	cid := NewCID()
	if err := r.c.Call(ctx, protocol.LeaveRoom, protocol.LeaveRequest{RoomRef: r.ref(), Forever: true, CID: cid}, nil); err != nil {
		return r.wrap(err)
	}
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	r.end(ErrClosed)
	return nil
}

func (r *Room) ref() protocol.RoomRef { return protocol.RoomRef{RoomID: r.id} }
