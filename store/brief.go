package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/parleychat/parley/chat"
)

// brief reads runs of neighbouring events of an SQLite file. It does what
// [tx.page] and [tx.between] do, for two thirds of the processor time and a
// quarter of the values on the heap:
//
//   - One statement finds the place, the events and the room's head. What a
//     statement reads is of one moment. A transaction of three questions is five
//     statements, each with a goroutine beside it.
//   - A row has two columns. Each column that is fetched takes SQLite's mutex
//     two or three times and makes a value on the heap, so that all of an event
//     but its body comes packed into one text.
//   - It is not cut short when the caller leaves, because it waits for nobody: see
//     [pool]. That is why it has connections of its own, which nothing holds for
//     long.
type brief struct{ *pool }

func newBrief(ctx context.Context, db *sql.DB) (*brief, error) {
	p, err := newPool(ctx, db, nil, briefStatements)
	if err != nil {
		return nil, err
	}
	return &brief{p}, nil
}

var briefStatements = []string{qBriefBefore, qBriefAfter, qBriefBetween}

// maxSeq is as large as a number in the database may be.
const maxSeq chat.Seq = 1<<63 - 1

// before is [tx.page] for a query with Before, or for the latest page.
func (b *brief) before(ctx context.Context, room chat.RoomID, q PageQuery) (events []*chat.Event, head chat.Head, err error) {
	last := maxSeq
	if q.Before > 0 {
		last = min(q.Before-1, maxSeq)
	}
	events, head, err = b.run(ctx, room, pageBudget, qBriefBefore,
		int64(room), int64(last), int64(room), int64(room), int64(last), q.Limit-1, int64(min(q.From, maxSeq)), int64(room), pageBudget.events)
	slices.Reverse(events)
	return events, head, err
}

// after is [tx.page] for a query with After.
func (b *brief) after(ctx context.Context, room chat.RoomID, q PageQuery) ([]*chat.Event, chat.Head, error) {
	below := int64(min(max(q.After, q.From-1), maxSeq))
	return b.run(ctx, room, pageBudget, qBriefAfter,
		int64(room), below, int64(room), int64(room), below, q.Limit+1, int64(room), pageBudget.events)
}

// between is [tx.between].
func (b *brief) between(ctx context.Context, room chat.RoomID, after, to chat.Seq, limit budget) ([]*chat.Event, chat.Head, error) {
	if to == 0 {
		to = maxSeq
	}
	return b.run(ctx, room, limit, qBriefBetween,
		int64(room), int64(min(after, maxSeq)), int64(min(to, maxSeq)), int64(room), limit.events)
}

// run reads as many events as the budget allows. A room without such events has
// one row, with its head alone.
func (b *brief) run(ctx context.Context, room chat.RoomID, limit budget, text string, args ...any) (events []*chat.Event, head chat.Head, err error) {
	if err := ctx.Err(); err != nil {
		return nil, head, err
	}
	rows, err := b.prepared[text].QueryContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return nil, head, err
	}
	bytes, known := 0, false
	err = scanAll(rows, func(rows *sql.Rows) (bool, error) {
		var packed string
		ev := &chat.Event{Room: room}
		if err := rows.Scan(&packed, (*blobColumn)(&ev.Body)); err != nil {
			return false, err
		}
		if err := unpack(packed, &head, ev); err != nil {
			return false, err
		}
		known = true
		if bytes += len(ev.Body); ev.Seq == 0 || bytes > limit.bytes && len(events) > 0 {
			return false, nil
		}
		events = append(events, ev)
		return true, nil
	})
	if err == nil && !known {
		err = noSuchRoom()
	}
	return events, head, err
}

// The lower end of a page that has a number of messages is the lowest event with
// the n of the first of them, or that of the room when it has no more messages.
// The upper end lies right below the message that would be one too many. A sum
// of seq and 0 is no bound to read the index by: the other one is the nearer.
//
// A packed row is numbers with a space behind each, the last five of which say
// how long the texts are, then two chains in hexadecimal, then the texts.
const (
	briefRow = `SELECT concat(format('%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d ',
			rooms.head_seq, rooms.head_n, events.seq, events.n, events.user, events.after_seq,
			events.target_seq, events.target_user, events.first_seq, events.rev, events.deleted, events.at,
			octet_length(events.kind), octet_length(events.outcome), octet_length(events.mac), octet_length(events.id), octet_length(events.cid)),
			hex(rooms.head_chain), hex(events.chain), events.kind, events.outcome, events.mac, events.id, events.cid), events.body
		FROM rooms LEFT JOIN events ON events.room = ?`
	qBriefBefore = briefRow + ` AND events.seq <= ? AND events.seq >= COALESCE((
			SELECT wanted.seq FROM events AS wanted WHERE wanted.room = ? AND wanted.n > 1 AND wanted.n = (
				SELECT below.n FROM events AS below WHERE below.room = ? AND below.seq <= ? ORDER BY below.seq DESC LIMIT 1) - ?
			ORDER BY wanted.seq LIMIT 1), 1)
		AND events.seq + 0 >= ? WHERE rooms.id = ? ORDER BY events.seq DESC LIMIT ?`
	qBriefAfter = briefRow + ` AND events.seq > ? AND events.seq < COALESCE((
			SELECT wanted.seq FROM events AS wanted WHERE wanted.room = ? AND wanted.n = COALESCE((
				SELECT below.n FROM events AS below WHERE below.room = ? AND below.seq <= ? ORDER BY below.seq DESC LIMIT 1), 0) + ?
			ORDER BY wanted.seq LIMIT 1), 9223372036854775807) WHERE rooms.id = ? ORDER BY events.seq LIMIT ?`
	qBriefBetween = briefRow + ` AND events.seq > ? AND events.seq <= ? WHERE rooms.id = ? ORDER BY events.seq LIMIT ?`
)

// packedNumbers are as many as briefRow packs.
const packedNumbers = 17

var errPacked = errors.New("store: not a packed event")

// unpack reads what briefRow has packed: the room's head, and an event unless
// its seq is 0.
func unpack(packed string, head *chat.Head, ev *chat.Event) error {
	var numbers [packedNumbers]int64
	for i := range numbers {
		digits, rest, found := strings.Cut(packed, " ")
		n, err := strconv.ParseInt(digits, 10, 64)
		if !found || err != nil {
			return errPacked
		}
		numbers[i], packed = n, rest
	}
	head.Seq, head.N = chat.Seq(numbers[0]), uint64(numbers[1])
	ev.Seq, ev.N, ev.User, ev.After = chat.Seq(numbers[2]), uint64(numbers[3]), chat.UserID(numbers[4]), chat.Seq(numbers[5])
	ev.TargetSeq, ev.TargetUser, ev.FirstSeq = chat.Seq(numbers[6]), chat.UserID(numbers[7]), chat.Seq(numbers[8])
	ev.Rev, ev.Deleted, ev.At = chat.Seq(numbers[9]), numbers[10] != 0, numbers[11]
	chains := []*chat.Chain{&head.Chain, &ev.Chain}
	if ev.Seq == 0 {
		chains = chains[:1]
	}
	for _, chain := range chains {
		length := hex.EncodedLen(len(chain))
		if len(packed) < length {
			return errPacked
		}
		var digits [2 * len(chat.Chain{})]byte
		copy(digits[:], packed)
		if _, err := hex.Decode(chain[:], digits[:]); err != nil {
			return errPacked
		}
		packed = packed[length:]
	}
	texts := [...]*string{(*string)(&ev.Kind), (*string)(&ev.Outcome), &ev.MAC, &ev.ID, &ev.CID}
	for i, length := range numbers[packedNumbers-len(texts):] {
		if length < 0 || length > int64(len(packed)) {
			return errPacked
		}
		*texts[i], packed = packed[:length], packed[length:]
	}
	if packed != "" {
		return errPacked
	}
	return nil
}
