package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/parleychat/parley/chat"
)

// Bounds of one page beside the number of messages: a room can have any number
// of joins between two messages.
const (
	MaxPageEvents = 1000
	MaxPageBytes  = 1 << 20
)

// PageQuery asks for a page of a room's history. At most one of Before, After
// and Around is set; with none it is the latest page.
type PageQuery struct {
	Before chat.Seq // the messages below this event
	After  chat.Seq // the messages above this event
	Around chat.Seq // messages on both sides of this event, and itself
	// Limit is how many messages a page has, 1 to [chat.MaxPage]; what is
	// outside is clamped.
	Limit int
	// From is the first event that may be read; 0 means all may.
	From chat.Seq
}

// Page is a run of neighbouring events, as of one snapshot.
type Page struct {
	Events     []*chat.Event // in seq order, without a hole
	MoreBefore bool          // there are events below, which may be read
	MoreAfter  bool          // there are events above
	Head       chat.Head     // of the room
}

// Page reads a page of the room's history: Limit messages with everything
// between and behind them, fewer when [MaxPageEvents] or [MaxPageBytes] are
// reached. A page from before an event begins with a message or, when there
// are no more messages, with the first event that may be read. The next page
// follows without a hole: Before the first event, or After the last. It refuses
// an unknown room with [chat.NotFound].
func (s *Store) Page(ctx context.Context, room chat.RoomID, q PageQuery) (page Page, err error) {
	q.Limit = min(max(q.Limit, 1), chat.MaxPage)
	q.From = max(q.From, 1)
	switch {
	case s.brief != nil && q.After > 0:
		page.Events, page.Head, err = s.brief.after(ctx, room, q)
		s.count(ctx, err)
	case s.brief != nil && q.Around == 0:
		page.Events, page.Head, err = s.brief.before(ctx, room, q)
		s.count(ctx, err)
	default:
		err = s.read(ctx, func(t *tx) error {
			page.Events, page.Head, err = t.page(room, q)
			return err
		})
	}
	if err != nil {
		return Page{}, fmt.Errorf("page of room %d: %w", room, err)
	}
	if len(page.Events) > 0 {
		page.MoreBefore = page.Events[0].Seq > q.From
		page.MoreAfter = page.Events[len(page.Events)-1].Seq < page.Head.Seq
	}
	return page, nil
}

func (t *tx) page(room chat.RoomID, q PageQuery) (events []*chat.Event, head chat.Head, err error) {
	if head, err = t.head(room); err != nil {
		return nil, head, err
	}
	p := pager{tx: t, room: room, head: head, from: q.From}
	switch {
	case q.After > 0:
		events, err = p.after(q.After, q.Limit, pageBudget)
	case q.Around > 0:
		events, err = p.around(q.Around, q.Limit)
	case q.Before > 0:
		events, err = p.before(q.Before, q.Limit, pageBudget)
	default:
		events, err = p.before(head.Seq+1, q.Limit, pageBudget)
	}
	return events, head, err
}

// budget bounds what is read at once. One event is always read.
type budget struct{ events, bytes int }

var pageBudget = budget{MaxPageEvents, MaxPageBytes}

// pager finds pages in one room. Messages are found by n: the events of number
// n are the n-th message, first, and what follows it up to the next.
type pager struct {
	tx   *tx
	room chat.RoomID
	head chat.Head
	from chat.Seq // nothing below may be read
}

// before reads the last messages below an event.
func (p pager) before(seq chat.Seq, messages int, b budget) ([]*chat.Event, error) {
	last := min(seq-1, p.head.Seq)
	if last < p.from {
		return nil, nil
	}
	n, err := p.messagesUpTo(last)
	if err != nil {
		return nil, err
	}
	first := chat.Seq(1)
	if n > uint64(messages) {
		if first, err = p.message(n - uint64(messages) + 1); err != nil {
			return nil, err
		}
	}
	return p.tx.backwards(p.room, max(first, p.from), last, b)
}

// after reads the next messages above an event, and what follows the last.
func (p pager) after(seq chat.Seq, messages int, b budget) ([]*chat.Event, error) {
	first := max(seq+1, p.from)
	if first > p.head.Seq {
		return nil, nil
	}
	n, err := p.messagesUpTo(first - 1)
	if err != nil {
		return nil, err
	}
	last := p.head.Seq
	if next := n + uint64(messages) + 1; next <= p.head.N {
		if last, err = p.message(next); err != nil {
			return nil, err
		}
		last--
	}
	return p.tx.forwards(p.room, first, last, b)
}

// around reads half a page up to and including an event and half behind it.
func (p pager) around(seq chat.Seq, messages int) ([]*chat.Event, error) {
	seq = min(max(seq, p.from), p.head.Seq)
	half := budget{pageBudget.events / 2, pageBudget.bytes / 2}
	older := (messages + 1) / 2
	events, err := p.before(seq+1, older, half)
	if err != nil || messages == older {
		return events, err
	}
	newer, err := p.after(seq, messages-older, half)
	return append(events, newer...), err
}

// messagesUpTo counts the messages up to and including an event.
func (p pager) messagesUpTo(seq chat.Seq) (n uint64, err error) {
	if seq == 0 {
		return 0, nil
	}
	if seq == p.head.Seq {
		return p.head.N, nil
	}
	err = p.tx.row(qMessagesUpTo, int64(p.room), int64(seq)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("event %d below the head %d: %w", seq, p.head.Seq, err)
	}
	return n, nil
}

// message finds the n-th message.
func (p pager) message(n uint64) (seq chat.Seq, err error) {
	err = p.tx.row(qNthMessage, int64(p.room), int64(n)).Scan((*uint64)(&seq))
	if err != nil {
		return 0, fmt.Errorf("message %d of %d: %w", n, p.head.N, err)
	}
	return seq, nil
}

const (
	qMessagesUpTo = `SELECT n FROM events WHERE room = ? AND seq = ?`
	qNthMessage   = `SELECT seq FROM events WHERE room = ? AND n = ? ORDER BY seq LIMIT 1`
	qForwards     = `SELECT ` + eventColumns + ` FROM events WHERE room = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`
	qBackwards    = `SELECT ` + eventColumns + ` FROM events WHERE room = ? AND seq >= ? AND seq <= ? ORDER BY seq DESC LIMIT ?`
)

// forwards reads the events first to last, as many as the budget allows from
// the first on.
func (t *tx) forwards(room chat.RoomID, first, last chat.Seq, b budget) ([]*chat.Event, error) {
	return t.span(room, b, qForwards, int64(room), int64(first)-1, int64(last), b.events)
}

// backwards reads the events first to last, as many as the budget allows from
// the last on, in seq order.
func (t *tx) backwards(room chat.RoomID, first, last chat.Seq, b budget) ([]*chat.Event, error) {
	events, err := t.span(room, b, qBackwards, int64(room), int64(first), int64(last), b.events)
	slices.Reverse(events)
	return events, err
}

func (t *tx) span(room chat.RoomID, b budget, text string, args ...any) (events []*chat.Event, err error) {
	bytes := 0
	err = t.each(func(rows *sql.Rows) (bool, error) {
		ev, err := scanEvent(rows, room)
		if err != nil {
			return false, err
		}
		if bytes += len(ev.Body); bytes > b.bytes && len(events) > 0 {
			return false, nil
		}
		events = append(events, ev)
		return true, nil
	}, text, args...)
	return events, err
}
