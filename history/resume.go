package history

import (
	"context"
	"slices"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/planted"
	"github.com/parleychat/parley/store"
)

// Part is what a client gets that comes back to a room, or one part of it.
type Part struct {
	Events   []*chat.Event // in seq order, without a hole
	RoomName string        // at the position of the answer
	Head     chat.Head     // of the room, there
	More     bool          // Events end before what was asked for: ask again from the last
	// GapFrom and GapTo are the first and the last event that were left out
	// before Events; 0 when none were.
	GapFrom, GapTo chat.Seq
	// Reset says that what the client holds is no part of the room's history as
	// the person may read it. Then there are no events.
	Reset chat.ResetReason
}

// Since reads the events behind a cursor, up to and including upTo (0: up to
// the applied head), at most [chat.MaxResumeEvents] and [chat.MaxResumeBytes]
// of them. The zero cursor is the beginning.
//
// The cursor's own event is compared. Reset is [chat.ResetHistory] when it
// belongs to another history; [chat.ResetAhead] when the log's end proves that
// its number was never reached; [chat.ResetMembership] when it lies below the
// first event that the person may read, which it must if they became a member
// again since. What cannot be read now is an error, never a reset.
func (r *Reader) Since(ctx context.Context, user chat.UserID, room chat.RoomID, since chat.Cursor, upTo chat.Seq) (Part, error) {
	atLeast := upTo
	if since.Seq > upTo {
		// The log's end contains whatever a cursor was ever given for.
		atLeast = 0
	}
	var part Part
	g := reading{reader: r, user: user, room: room, place: max(since.Seq, 1), cursor: since.Seq}
	err := g.compose(ctx, atLeast, func(a *answer) (ok bool, err error) {
		part, ok, err = a.partSince(since, upTo)
		return ok, err
	}, func(ctx context.Context, s *sight) (*rows, error) {
		to := upTo
		if to > 0 {
			to = max(to, since.Seq)
		}
		return g.readFrom(ctx, since.Seq, to)
	})
	if err != nil {
		return Part{}, err
	}
	return part, nil
}

// partSince makes a part of the run. ok is false when the run does not have
// what it takes.
func (a *answer) partSince(since chat.Cursor, upTo chat.Seq) (part Part, ok bool, err error) {
	part = Part{RoomName: a.name, Head: a.head}
	if since.Seq > a.head.Seq {
		part.Reset = chat.ResetAhead
		return part, true, nil
	}
	if a.from > 1 && since.Seq < a.from {
		part.Reset = chat.ResetMembership
		return part, true, nil
	}
	if since.Seq > 0 {
		chain, known := a.chainOf(since.Seq)
		if !known {
			return part, false, nil
		}
		if chain.Check() != since.Check && !planted.ChainUnchecked {
			part.Reset = chat.ResetHistory
			return part, true, nil
		}
	}
	end := a.end(upTo)
	if since.Seq >= end {
		return part, true, nil
	}
	events := between(a.run, since.Seq, end)
	if len(events) == 0 || events[0].Seq != since.Seq+1 {
		return part, false, nil
	}
	if planted.CursorOffByOne && len(events) > 1 {
		events = events[1:]
	}
	told, err := a.tellAll(events[:min(len(events), chat.MaxResumeEvents)])
	if err != nil {
		return part, false, err
	}
	part.Events = firstBytes(told, chat.MaxResumeBytes)
	part.More = part.Events[len(part.Events)-1].Seq < end
	return part, true, nil
}

// chainOf finds the chain of the cursor's event.
func (a *answer) chainOf(seq chat.Seq) (chat.Chain, bool) {
	if a.known {
		return a.chain, true
	}
	if i, found := indexOf(a.run, seq); found {
		return a.run[i].Chain, true
	}
	return chat.Chain{}, false
}

// end is the last event of a part that was asked for up to upTo.
func (a *answer) end(upTo chat.Seq) chat.Seq {
	if upTo == 0 {
		return a.head.Seq
	}
	return min(upTo, a.head.Seq)
}

// Latest reads everything from the messages-th last message on, up to and
// including upTo (0: up to the applied head). If that is more than
// [chat.MaxResumeEvents] or [chat.MaxResumeBytes], it begins with a later
// message. What the person may read before it is the gap.
func (r *Reader) Latest(ctx context.Context, user chat.UserID, room chat.RoomID, messages int, upTo chat.Seq) (Part, error) {
	messages = min(max(messages, 1), chat.MaxPage)
	var part Part
	g := reading{reader: r, user: user, room: room, place: upTo}
	err := g.compose(ctx, upTo, func(a *answer) (ok bool, err error) {
		part, ok, err = a.latestPart(messages, upTo)
		return ok, err
	}, func(ctx context.Context, s *sight) (*rows, error) {
		q := store.PageQuery{Limit: messages, From: s.from}
		if upTo > 0 {
			q.Before = upTo + 1
		}
		return g.readPage(ctx, q)
	})
	if err != nil {
		return Part{}, err
	}
	return part, nil
}

func (a *answer) latestPart(messages int, upTo chat.Seq) (part Part, ok bool, err error) {
	events, enough := a.messagesUpTo(a.end(upTo), messages, store.MaxPageEvents)
	if !enough && !a.read {
		return Part{}, false, nil
	}
	told, err := a.tellAll(events[max(0, len(events)-chat.MaxResumeEvents):])
	if err != nil {
		return Part{}, false, err
	}
	told = lastBytes(told, chat.MaxResumeBytes)
	if !enough || len(told) < len(events) {
		told = fromMessage(told)
	}
	part = Part{Events: told, RoomName: a.name, Head: a.head}
	if len(told) > 0 && told[0].Seq > a.from {
		part.GapFrom, part.GapTo = a.from, told[0].Seq-1
	}
	return part, true, nil
}

// fromMessage drops what stands before the first message, if there is one.
func fromMessage(events []*chat.Event) []*chat.Event {
	return events[max(0, slices.IndexFunc(events, isMessage)):]
}
