package client

import (
	"encoding/json"
	"time"

	"github.com/parleychat/parley/protocol"
)

// What follows runs under the client's mutex.

// join subscribes from where the room stands, part by part, when there is a
// connection.
func (r *Room) join() {
	if r.c.conn == nil || r.phase == full || r.phase == over {
		return
	}
	r.stopTimer()
	if r.began {
		r.subscribe()
		return
	}
	// An earlier subscription of this room on this connection, of another Room,
	// may still send: its event would be taken for the first. Behind the answer
	// there is none.
	r.phase = clearing
	r.ask(protocol.LeaveRoom, protocol.LeaveRequest{RoomRef: r.ref()}, func(json.RawMessage, error) { r.subscribe() })
}

func (r *Room) subscribe() {
	r.phase = joining
	r.ask(protocol.JoinRoom, r.joinRequest(), func(raw json.RawMessage, err error) {
		var ack protocol.JoinAck
		if err == nil {
			err = readAnswer(raw, &ack)
		}
		r.joinAnswered(&ack, err)
	})
}

// ask asks for the room. Only the answer to what was asked last is wanted, and
// none behind the end of the connection.
func (r *Room) ask(event string, payload any, tell func(raw json.RawMessage, err error)) {
	r.turn++
	turn := r.turn
	r.c.conn.ask(event, payload, func(raw json.RawMessage, err error) {
		if turn == r.turn {
			tell(raw, err)
		}
	})
}

func (r *Room) joinRequest() protocol.JoinRequest {
	request := protocol.JoinRequest{RoomRef: r.ref()}
	switch {
	case r.began && r.cursor != "":
		request.Since = &r.cursor
	case r.began: // behind a gap, of which no event has come
		request.Latest = latestAfterReset
	default:
		request.Latest = r.start.latest
		if r.start.since != "" {
			request.Since = &r.start.since
		}
	}
	return request
}

func (r *Room) joinAnswered(ack *protocol.JoinAck, err error) {
	switch {
	case isFinal(err):
		r.end(err)
	case err != nil:
		r.joinLater(retryAfter(err))
	case ack.Reset != nil:
		r.startOver(*ack.Reset)
	case ack.More:
		r.join()
	default:
		r.settle(ack)
	}
}

// settle is the end of a catch-up: everything up to the head must be here.
func (r *Room) settle(ack *protocol.JoinAck) {
	if ack.Room != nil {
		r.info = *ack.Room
	}
	if ack.Head == nil {
		r.joinLater(0)
		return
	}
	if !r.began {
		r.began, r.high = true, ack.Head.Seq
		r.reach(ack.Head.Cursor)
	}
	switch {
	case r.high < ack.Head.Seq:
		r.mend()
		return
	case r.cursor == "":
		r.reach(ack.Head.Cursor)
	}
	r.phase = live
	r.setbacks.reset()
	r.holes = 0
	r.nowJoined()
	r.outbox.pump()
}

func (r *Room) nowJoined() {
	if !r.isJoined {
		r.isJoined = true
		close(r.joined)
	}
}

// reach notes a cursor that came without an event.
func (r *Room) reach(cursor string) {
	r.cursor = cursor
	if len(r.queue) == 0 {
		r.handled = cursor
		return
	}
	r.put(item{cursor: cursor, silent: true})
}

// receive takes one receiveMessage packet.
func (r *Room) receive(ev *protocol.Event) {
	if r.phase != joining && r.phase != live {
		return
	}
	switch ev.Kind {
	case "gap":
		r.skip(ev)
		return
	case "reset":
		if r.phase == live {
			r.startOver(protocol.Reset{Reason: ev.Reason, Head: deref(ev.Head)})
		}
		return
	}
	switch {
	case r.began && ev.Seq <= r.high: // was here before
		return
	case r.began && ev.Seq != r.high+1:
		// While joining, the answer decides; live, a number was lost.
		if r.phase == live {
			r.mend()
		}
		return
	}
	r.began, r.high, r.cursor = true, ev.Seq, ev.Cursor
	r.put(item{event: *ev, cursor: ev.Cursor, silent: ev.Kind == "void" || ev.Kind == "hidden"})
	if len(r.queue) >= r.c.queueLimit {
		r.fill()
	}
}

// skip takes a gap: what lies in it will not be sent.
func (r *Room) skip(gap *protocol.Event) {
	if r.began && r.high >= gap.To {
		return
	}
	r.began, r.high, r.cursor = true, gap.To, ""
	r.put(item{event: *gap})
}

// fill stops taking events until the reader has caught up.
func (r *Room) fill() {
	r.phase = full
	r.turn++
	r.nowJoined()
	r.c.conn.ask(protocol.LeaveRoom, protocol.LeaveRequest{RoomRef: r.ref()}, func(json.RawMessage, error) {})
}

// mend asks for what is missing. If that does not help, the room starts over.
func (r *Room) mend() {
	if r.holes++; r.holes > 3 {
		r.startOver(protocol.Reset{Reason: "numbering"})
		return
	}
	r.joinLater(0)
}

// startOver forgets what was received and begins with the latest messages.
func (r *Room) startOver(reset protocol.Reset) {
	r.began, r.high, r.cursor, r.holes = false, 0, "", 0
	r.start = Latest(latestAfterReset)
	r.put(item{event: protocol.Event{Kind: "reset", RoomID: r.id, Reason: reset.Reason, Head: &reset.Head}})
	r.joinLater(0)
}

// joinLater joins again after a while, if it is still wanted then.
func (r *Room) joinLater(atLeast time.Duration) {
	r.phase = away
	r.turn++
	r.stopTimer()
	r.again = time.AfterFunc(max(r.setbacks.next(), atLeast), func() {
		r.c.mu.Lock()
		defer r.c.mu.Unlock()
		if r.phase == away {
			r.join()
		}
	})
}

// cut tells the room that the connection has ended.
func (r *Room) cut() {
	if r.phase == full || r.phase == over {
		return
	}
	r.stopTimer()
	r.phase = away
	r.turn++
}

// end ends the room for good.
func (r *Room) end(err error) {
	if r.phase == over {
		return
	}
	r.stopTimer()
	r.phase, r.err = over, err
	delete(r.c.rooms, r.id)
	r.outbox.end(err)
	close(r.ended)
	r.tell()
}

func (r *Room) stopTimer() {
	if r.again != nil {
		r.again.Stop()
	}
}

func deref(head *protocol.Head) protocol.Head {
	if head == nil {
		return protocol.Head{}
	}
	return *head
}
