package fanout

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/internal/planted"
)

// follow takes the next batch of the partition. It runs on the log's follower
// goroutine and touches no socket: what is to be written goes to the shards.
func (p *partition) follow(entries []eventlog.Entry) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range entries {
		p.apply(&entries[i])
	}
	p.applied = entries[len(entries)-1].Offset + 1
	p.wake()
	return nil
}

func (p *partition) apply(entry *eventlog.Entry) {
	envelope, err := chat.Peek(entry.Headers)
	if envelope.Room == 0 {
		// A record that names no room can have no number: everybody passes it
		// over alike.
		p.hub.logger.Error("a record names no room and is passed over", "partition", p.no, "offset", entry.Offset, "error", err)
		return
	}
	targets := slices.Collect(envelope.Targets())
	if entry.Offset >= p.kept.from(p.watermark) {
		p.kept.add(envelope.Room, targets, entry)
	}
	if r := p.rooms[envelope.Room]; r != nil && entry.Offset >= r.from {
		r.apply(entry, &envelope)
		p.ease()
	}
	if p.hub.recorded != nil {
		p.hub.recorded(&envelope)
	}
	if p.hub.touched != nil && len(targets) > 0 {
		p.hub.touched(Touch{Room: envelope.Room, Kind: envelope.Kind, User: envelope.User, Targets: targets})
	}
}

// apply takes the room's next record: numbers it, hands the frame to the
// shards, and the answers behind it.
func (r *room) apply(entry *eventlog.Entry, envelope *chat.Envelope) {
	pos := chat.Position{Epoch: entry.Epoch, Partition: entry.Partition, Offset: entry.Offset}
	ev, send := r.judge(entry, envelope, pos)
	r.ring.push(ev)
	r.part.hub.memory.unstored.Add(1)
	if err := r.ring.change(ev); err != nil {
		r.part.hub.logger.Error("a change of a message cannot be shown", "room", r.id, "seq", ev.Seq, "error", err)
	}
	if ev.CID != "" {
		r.table.add(ev)
	}
	if ev.Kind == chat.KindDelete && !ev.Void() {
		r.table.deleted[ev.TargetSeq] = ev.Seq
		r.pending.targetDeleted(ev.TargetSeq)
	}
	if planted.AnswerFirst && send != nil {
		r.settle(send, ev)
		send = nil
	}
	r.deliver(ev)
	if send != nil {
		failpoint.Pass(failpoint.Applied)
		r.settle(send, ev)
	}
	if r.part.watermark > entry.Offset {
		r.markStored(ev.Seq)
	}
	if len(r.ring.events) > 2*chat.RingEvents {
		r.ring.trim(chat.RingEvents)
	}
	if !ev.Void() && !planted.MembershipCached {
		r.dropUnreadable(ev)
	}
}

// judge runs Apply, and finds the send of this node that the record is. The log
// keeps the order of hand-over, so that is the next in the queue as a rule, and
// then the record need not be decoded. The event stays in the ring, so its body
// is the one that was handed over, or a copy.
func (r *room) judge(entry *eventlog.Entry, envelope *chat.Envelope, pos chat.Position) (*chat.Event, *pendingSend) {
	ours := r.part.hub.appended(entry)
	if send := r.pending.next(entry.Value, envelope.After); ours && send != nil {
		return chat.Apply(r.state, send.rec, pos, send.value), send
	}
	rec, err := chat.Decode(entry.Headers, entry.Value)
	switch {
	case err == nil:
		send := r.pending.is(rec, entry.Value)
		if !ours {
			send = nil
		}
		return chat.Apply(r.state, rec, pos, bytes.Clone(entry.Value)), send
	case errors.Is(err, chat.ErrUnknownVersion), errors.Is(err, chat.ErrUnknownKind):
		// Written by a newer node. It has its number; what it does to the room
		// only newer nodes know.
		return chat.ApplyUnknown(r.state, *envelope, pos, bytes.Clone(entry.Value)), nil
	default:
		r.part.hub.logger.Error("a record cannot be decoded and is void", "room", r.id, "partition", pos.Partition, "offset", pos.Offset, "error", err)
		return chat.ApplyUndecodable(r.state, pos), nil
	}
}

// settle gives a send its answer, or hands it over anew when it had been
// judged too long ago.
func (r *room) settle(send *pendingSend, ev *chat.Event) {
	if ev.Outcome == chat.VoidStale {
		r.handOverAgain(send)
		return
	}
	r.pending.remove(send)
	r.answerAll(send, answerTo(r.state, ev))
	r.freeSlot()
}

// answerTo is what the sender of a record is told of the event it came to.
func answerTo(state *chat.State, ev *chat.Event) chat.Answer {
	if ev.Outcome != chat.VoidCopy {
		return ev.Answer()
	}
	first, found := state.Window.At(ev.FirstSeq)
	if !found {
		// Apply found it in this window a moment ago.
		panic(fmt.Sprintf("fanout: room %d: the first copy %d left the window", ev.Room, ev.FirstSeq))
	}
	answer := first.Answer(ev.Room)
	answer.Duplicate = answer.Err == nil
	return answer
}

// dropUnreadable ends the subscriptions of people who lost the right to read
// with this event. It is posted behind the event's frame, so the event is the
// last they get.
func (r *room) dropUnreadable(ev *chat.Event) {
	switch ev.Kind {
	case chat.KindLeave, chat.KindKick, chat.KindBan:
		who := ev.User
		if ev.Kind != chat.KindLeave {
			who = ev.TargetUser
		}
		if _, readable := r.state.ReadableFrom(who); !readable {
			r.dropSubscribers(func(user chat.UserID) bool { return user == who })
		}
	case chat.KindVisibility:
		if r.state.Kind == chat.PublicRoom {
			return
		}
		members := make(map[chat.UserID]struct{}, len(r.state.Members))
		for user := range r.state.Members {
			members[user] = struct{}{}
		}
		r.dropSubscribers(func(user chat.UserID) bool {
			_, member := members[user]
			return !member
		})
	}
}
