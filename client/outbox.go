package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/parleychat/parley/protocol"
)

const (
	// outboxLimit is how many drafts wait in a room at most.
	outboxLimit = 1000
	// answerTimeout is how long a send may be without an answer before the
	// connection counts as dead; the server answers within 10 s.
	answerTimeout = 20 * time.Second
)

// Draft is something to be sent to a room: a message, or a change to one.
// [Say], [Edit] and [Delete] make it.
type Draft struct {
	event  string
	text   string
	target uint64

	// CID names the event, so that it happens once; an empty one is filled in.
	CID string
	// Retry says that this cid may have been sent before, by a former run of
	// the program.
	Retry bool
}

// Say is a message of 1 to 10,000 characters.
func Say(text string) Draft { return Draft{event: protocol.SendMessage, text: text} }

// Edit gives one's own message of this seq another text.
func Edit(seq uint64, text string) Draft {
	return Draft{event: protocol.EditMessage, target: seq, text: text}
}

// Delete erases what the message of this seq says, for ever.
func Delete(seq uint64) Draft { return Draft{event: protocol.DeleteMessage, target: seq} }

// NewCID makes a cid, a UUIDv7.
func NewCID() string { return uuid.Must(uuid.NewV7()).String() }

func (d Draft) request(room protocol.RoomRef, retry bool) any {
	change := protocol.Change{RoomRef: room, TargetSeq: d.target, CID: d.CID, Retry: retry}
	switch d.event {
	case protocol.EditMessage:
		return protocol.EditRequest{Change: change, MessageText: d.text}
	case protocol.DeleteMessage:
		return protocol.DeleteRequest{Change: change}
	}
	return protocol.SendRequest{RoomRef: room, MessageText: d.text, CID: d.CID, Retry: retry}
}

// Outgoing is a draft that was posted.
type Outgoing struct {
	draft Draft
	done  chan struct{}
	ack   protocol.SendAck
	err   error
	tried bool // a copy may have reached the server
}

// CID names the event.
func (o *Outgoing) CID() string { return o.draft.CID }

// Done is closed when it is decided.
func (o *Outgoing) Done() <-chan struct{} { return o.done }

// Wait waits until the event is durable. A *[Refused] says that it has no
// effect, now or ever. When ctx ends it is undecided, and is sent on.
func (o *Outgoing) Wait(ctx context.Context) (protocol.SendAck, error) {
	select {
	case <-o.done:
		return o.ack, o.err
	case <-ctx.Done():
		return protocol.SendAck{}, fmt.Errorf("%s %s: %w", o.draft.event, o.draft.CID, ctx.Err())
	}
}

// Send is Post and Wait.
func (r *Room) Send(ctx context.Context, draft Draft) (protocol.SendAck, error) {
	outgoing, err := r.Post(draft)
	if err != nil {
		return protocol.SendAck{}, err
	}
	ack, err := outgoing.Wait(ctx)
	return ack, r.wrap(err)
}

// Post gives something to be sent, behind what was given before, and does not
// wait. Its error says that the room has ended, or [ErrFull].
func (r *Room) Post(draft Draft) (*Outgoing, error) {
	if draft.event == "" {
		return nil, r.wrap(errors.New("an empty draft; make it with Say, Edit or Delete"))
	}
	if draft.CID == "" {
		draft.CID = NewCID()
	}
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	outgoing, err := r.outbox.add(draft)
	return outgoing, r.wrap(err)
}

// outbox sends the drafts of one room in their order, one unacknowledged at a
// time: the first is tried again before anything behind it is sent, so the order
// stands whatever fails. It sends only while the room is live. The client's
// mutex guards it.
type outbox struct {
	room    *Room
	drafts  []*Outgoing
	sending bool
	wait    backoff
	again   *time.Timer // runs while the first one waits for its next try
}

func (o *outbox) init(room *Room) {
	o.room = room
	o.wait = backoff{first: 300 * time.Millisecond, most: 15 * time.Second}
}

func (o *outbox) add(draft Draft) (*Outgoing, error) {
	switch {
	case o.room.phase == over:
		return nil, o.room.err
	case len(o.drafts) >= outboxLimit:
		return nil, ErrFull
	}
	outgoing := &Outgoing{draft: draft, done: make(chan struct{}), tried: draft.Retry}
	o.drafts = append(o.drafts, outgoing)
	o.pump()
	return outgoing, nil
}

// pump sends the first draft, if it may be sent now.
func (o *outbox) pump() {
	conn := o.room.c.conn
	if conn == nil || !o.room.mayPost() || o.sending || o.again != nil || len(o.drafts) == 0 {
		return
	}
	first := o.drafts[0]
	retry := first.tried
	first.tried, o.sending = true, true
	dead := time.AfterFunc(answerTimeout, func() { _ = conn.socket.CloseNow() })
	conn.ask(first.draft.event, first.draft.request(o.room.ref(), retry), func(raw json.RawMessage, err error) {
		dead.Stop()
		o.sending = false
		if o.room.phase == over {
			return
		}
		var ack protocol.SendAck
		if err == nil {
			err = readAnswer(raw, &ack)
		}
		o.answered(first, ack, err)
	})
}

// mayPost reports whether what is sent finds the person in the room. While the
// reader is behind, nothing is received, but sending goes on.
func (r *Room) mayPost() bool { return r.phase == live || r.phase == full }

func (o *outbox) answered(first *Outgoing, ack protocol.SendAck, err error) {
	switch {
	case err == nil || isFinal(err):
		o.wait.reset()
		o.drafts = o.drafts[1:]
		first.decide(ack, err)
		o.pump()
	case errors.Is(err, errCut):
		// The next connection sends it again.
	default:
		o.again = time.AfterFunc(max(o.wait.next(), retryAfter(err)), func() {
			o.room.c.mu.Lock()
			defer o.room.c.mu.Unlock()
			o.again = nil
			o.pump()
		})
	}
}

// end decides what can be decided: what was never on its way was not sent.
func (o *outbox) end(err error) {
	for _, outgoing := range o.drafts {
		if outgoing.tried {
			err := fmt.Errorf("%w: %w", ErrUnknown, err)
			outgoing.decide(protocol.SendAck{}, err)
			continue
		}
		outgoing.decide(protocol.SendAck{}, err)
	}
	o.drafts = nil
	if o.again != nil {
		o.again.Stop()
	}
}

func (o *Outgoing) decide(ack protocol.SendAck, err error) {
	o.ack, o.err = ack, err
	close(o.done)
}
