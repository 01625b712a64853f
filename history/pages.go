package history

import (
	"context"
	"slices"
	"sort"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// PageQuery asks for a page of a room's history. At most one of Before, After
// and Around is set; with none it is the latest page.
type PageQuery struct {
	Before chat.Seq // the messages below this event
	After  chat.Seq // the messages above this event
	Around chat.Seq // messages on both sides of this event, and itself
	// Limit is how many messages the page has: [chat.DefaultPage] when it is
	// not above 0, at most [chat.MaxPage].
	Limit int
	// AtLeast: the answer contains everything up to this cursor. Without it the
	// answer contains everything that was in the log when it was asked for.
	AtLeast chat.Cursor
}

// Page is a run of neighbouring events.
type Page struct {
	Events []*chat.Event // in seq order, without a hole
	AsOf   chat.Seq      // the position of the answer
	Head   chat.Head     // of the room, there
	// RoomName is the room's name there; empty where rooms have none.
	RoomName   string
	MoreBefore bool // there are events below, which this person may read
	MoreAfter  bool // there are events above
}

// Page reads a page: a run of events that begins with a message (or with the
// first event that the person may read) and has Limit messages with everything
// between and behind them, fewer when [store.MaxPageEvents] or
// [store.MaxPageBytes] are reached. The next page follows without a hole:
// Before the first event, or After the last.
//
// An edit in it has the text and the Rev that its message has now, and Deleted
// when the message is; so a client that takes what has a greater Rev than its
// own ends up with the present form, whatever it held.
func (r *Reader) Page(ctx context.Context, user chat.UserID, room chat.RoomID, q PageQuery) (Page, error) {
	if err := q.check(); err != nil {
		return Page{}, err
	}
	var page Page
	g := reading{reader: r, user: user, room: room, place: max(q.Before, q.After, q.Around)}
	err := g.compose(ctx, q.AtLeast.Seq, func(a *answer) (bool, error) {
		c, ok := a.choose(q)
		if !ok {
			return false, nil
		}
		events, err := a.tellChoice(c)
		page = Page{Events: events, AsOf: a.head.Seq, Head: a.head, RoomName: a.name}
		page.MoreBefore, page.MoreAfter = a.more(events, q)
		return true, err
	}, func(ctx context.Context, s *sight) (*rows, error) {
		return g.readPage(ctx, store.PageQuery{Before: q.Before, After: q.After, Around: q.Around, Limit: q.Limit, From: s.from})
	})
	if err != nil {
		return Page{}, err
	}
	return page, nil
}

func (q *PageQuery) check() error {
	given := 0
	for _, seq := range []chat.Seq{q.Before, q.After, q.Around} {
		if seq != 0 {
			given++
		}
	}
	if given > 1 {
		return chat.Errorf(chat.Invalid, "Give one of before, after and around.")
	}
	if q.Limit <= 0 {
		q.Limit = chat.DefaultPage
	}
	q.Limit = min(q.Limit, chat.MaxPage)
	return nil
}

// choice is what goes into a page. If it is too much, older is cut at its
// beginning and newer at its end, each to maxBytes of what is told.
type choice struct {
	older, newer []*chat.Event
	maxBytes     int
}

// choose picks the events of a page from the run. ok is false when the run has
// not enough of them and the store was not read yet.
func (a *answer) choose(q PageQuery) (c choice, ok bool) {
	c.maxBytes = store.MaxPageBytes
	switch {
	case q.After > 0:
		c.newer, ok = a.messagesAfter(q.After, q.Limit, store.MaxPageEvents)
	case q.Around > 0:
		middle := min(max(q.Around, a.from), a.head.Seq)
		older := (q.Limit + 1) / 2
		c.maxBytes /= 2
		c.older, ok = a.messagesUpTo(middle, older, store.MaxPageEvents/2)
		if newer := q.Limit - older; newer > 0 {
			var enough bool
			c.newer, enough = a.messagesAfter(middle, newer, store.MaxPageEvents/2)
			ok = ok && enough
		}
	case q.Before > 0:
		c.older, ok = a.messagesUpTo(min(q.Before-1, a.head.Seq), q.Limit, store.MaxPageEvents)
	default:
		c.older, ok = a.messagesUpTo(a.head.Seq, q.Limit, store.MaxPageEvents)
	}
	return c, ok || a.read
}

// messagesUpTo takes the last messages up to and including an event, and what
// stands between and behind them. If there are no more messages than that it
// begins with the first event that may be read. enough is false when the run
// begins too late for it.
func (a *answer) messagesUpTo(last chat.Seq, messages, maxEvents int) (events []*chat.Event, enough bool) {
	if last < a.from {
		return nil, true
	}
	events = between(a.run, 0, last)
	if len(events) == 0 {
		return nil, false
	}
	enough = events[0].Seq <= a.from
	// n of the first message that is wanted
	if n := events[len(events)-1].N; n > uint64(messages) {
		wanted := n - uint64(messages) + 1
		first := sort.Search(len(events), func(i int) bool { return events[i].N >= wanted })
		events = events[first:]
		enough = enough || isMessage(events[0]) && events[0].N == wanted
	}
	events = between(events, a.from-1, last)
	if len(events) > maxEvents {
		return events[len(events)-maxEvents:], true
	}
	return events, enough
}

// messagesAfter takes the next messages above an event, with what stands before
// the first and behind the last. enough is false when the run begins too late
// for it.
func (a *answer) messagesAfter(after chat.Seq, messages, maxEvents int) (events []*chat.Event, enough bool) {
	first := max(after+1, a.from)
	if first > a.head.Seq {
		return nil, true
	}
	events = between(a.run, first-1, a.head.Seq)
	if len(events) == 0 || events[0].Seq != first {
		return nil, false
	}
	n := events[0].N
	if isMessage(events[0]) {
		n--
	}
	end := sort.Search(len(events), func(i int) bool { return events[i].N > n+uint64(messages) })
	return events[:min(end, maxEvents)], true
}

// tellChoice is the page's events as they are told.
func (a *answer) tellChoice(c choice) ([]*chat.Event, error) {
	older, err := a.tellAll(c.older)
	if err != nil {
		return nil, err
	}
	newer, err := a.tellAll(c.newer)
	if err != nil {
		return nil, err
	}
	return slices.Concat(lastBytes(older, c.maxBytes), firstBytes(newer, c.maxBytes)), nil
}

// firstBytes takes events from the first on, as long as their bodies are not
// larger than limit together, but at least one.
func firstBytes(events []*chat.Event, limit int) []*chat.Event {
	bytes := 0
	for i, ev := range events {
		if bytes += len(ev.Body); bytes > limit && i > 0 {
			return events[:i]
		}
	}
	return events
}

// lastBytes is firstBytes from the last on.
func lastBytes(events []*chat.Event, limit int) []*chat.Event {
	bytes := 0
	for i := len(events) - 1; i >= 0; i-- {
		if bytes += len(events[i].Body); bytes > limit && i < len(events)-1 {
			return events[i+1:]
		}
	}
	return events
}

// more says whether there is something to read on both sides of a page.
func (a *answer) more(events []*chat.Event, q PageQuery) (before, after bool) {
	if len(events) == 0 {
		// Everything lies on the other side of the place that was asked for.
		return q.After > 0, q.Before > 0
	}
	return events[0].Seq > a.from, events[len(events)-1].Seq < a.head.Seq
}
