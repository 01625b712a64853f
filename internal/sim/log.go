package sim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/internal/people"
)

// log stands between a node and its embedded log. What it does to an append
// answers two questions: did it happen, and was the node told? In between time
// passes, for each record and each answer.
//
// It keeps the order of the log's contract. Beyond what one process can do to
// itself, it stands for a second node that appends to the same log: copies of
// records that come later, and records with a cid that somebody has used.
type log struct {
	eventlog.Log
	run    *run
	points *points
	faults *guarded[logFaults]

	appends, answers queue
	following        sync.Mutex // guards stalled
	stalled          chan struct{}
}

var _ eventlog.Log = (*log)(nil)

// logFaults are the chances of what may happen to an append. They belong to the
// run, not to a node.
type logFaults struct {
	lost    float64 // appended, and told unknown
	refused float64 // not appended, and told so
	late    float64 // told unknown, and appended long after
	never   float64 // told unknown, and not appended
	doubled float64 // appended, told, and appended again long after
	rival   float64 // appended, and behind it the same cid with another text
	full    bool    // the disk is full: nothing is appended
	storm   bool    // the next message is appended again and again
	delay   time.Duration
}

func newLog(r *run, inner eventlog.Log, points *points) *log {
	l := &log{Log: inner, run: r, points: points, faults: &r.logFaults}
	r.aside.Go(func() { l.appends.work(points.dead) })
	r.aside.Go(func() { l.answers.work(points.dead) })
	return l
}

// stormCopies are more than the window of [chat.Apply] remembers.
const stormCopies = chat.WindowRecords + 100

var errSimulated = errors.New("simulated")

// Append implements [eventlog.Log].
func (l *log) Append(partition int32, rec eventlog.Record, done func(eventlog.Position, error)) {
	l.appends.add(func() {
		l.points.wait(l.run.dice, l.faults.get().delay)
		l.points.reach(beforeAppend)
		if l.points.isDead() {
			l.answer(done, eventlog.Position{}, eventlog.ErrUnknown)
			return
		}
		l.append(l.faults.get(), partition, rec, done)
	}, func() { go done(eventlog.Position{}, eventlog.ErrUnknown) })
}

// append decides what becomes of a record.
func (l *log) append(f logFaults, partition int32, rec eventlog.Record, done func(eventlog.Position, error)) {
	dice := l.run.dice
	unknown := func(what string) {
		l.run.met(what)
		l.answer(done, eventlog.Position{}, fmt.Errorf("%w: %w", eventlog.ErrUnknown, errSimulated))
	}
	switch {
	case f.full:
		l.run.met("append refused: disk full")
		l.answer(done, eventlog.Position{}, fmt.Errorf("%w: %w", eventlog.ErrNotAppended, eventlog.ErrFull))
	case dice.In(f.refused):
		l.run.met("append refused")
		l.answer(done, eventlog.Position{}, fmt.Errorf("%w: %w", eventlog.ErrNotAppended, eventlog.ErrBusy))
	case dice.In(f.never):
		unknown("append lost, told unknown")
	case dice.In(f.late):
		l.again(partition, rec)
		unknown("append late, told unknown")
	case dice.In(f.lost):
		l.Log.Append(partition, rec, func(pos eventlog.Position, err error) {
			if err != nil {
				l.answer(done, pos, err)
				return
			}
			unknown("append done, told unknown")
		})
	default:
		l.Log.Append(partition, rec, func(pos eventlog.Position, err error) { l.answer(done, pos, err) })
		if dice.In(f.doubled) {
			l.run.met("append doubled")
			l.again(partition, rec)
		}
		if dice.In(f.rival) {
			l.rival(partition, rec)
		}
		if f.storm {
			l.faults.set(func(f *logFaults) { f.storm = false })
			l.run.met("append repeated in a storm")
			for range stormCopies {
				l.Log.Append(partition, rec, func(eventlog.Position, error) {})
			}
		}
	}
}

// answer tells the node, after a while, in the order of the calls.
func (l *log) answer(done func(eventlog.Position, error), pos eventlog.Position, err error) {
	l.answers.add(func() {
		l.points.wait(l.run.dice, l.faults.get().delay)
		l.points.reach(afterAppend)
		if l.points.isDead() {
			pos, err = eventlog.Position{}, eventlog.ErrUnknown
		}
		done(pos, err)
	}, func() { go done(eventlog.Position{}, eventlog.ErrUnknown) })
}

// again appends a record once more later, as a copy that was under way on
// another node.
func (l *log) again(partition int32, rec eventlog.Record) {
	after := l.run.dice.About(3 * time.Second)
	l.run.copies.Go(func() {
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-l.run.hurry:
		case <-l.points.dead:
			return
		}
		there := make(chan struct{})
		l.appends.add(func() {
			l.Log.Append(partition, rec, func(eventlog.Position, error) { close(there) })
		}, func() { close(there) })
		<-there
	})
}

// rival appends a message with the record's cid and another text, as a node
// does that was sent it at the same moment.
func (l *log) rival(partition int32, rec eventlog.Record) {
	decoded, err := chat.Decode(rec.Headers, rec.Value)
	if err != nil || decoded.Kind != chat.KindMessage {
		return
	}
	decoded.Text += " (of a rival)"
	decoded.MAC = strings.Map(func(r rune) rune {
		if r == 'A' {
			return 'B'
		}
		return 'A'
	}, decoded.MAC)
	headers, value, err := chat.Encode(decoded)
	if err != nil {
		l.run.problem("a rival record cannot be encoded: %v", err)
		return
	}
	other := eventlog.Record{Key: rec.Key, Value: value}
	for _, h := range headers {
		other.Headers = append(other.Headers, eventlog.Header(h))
	}
	l.run.met("append with a rival")
	l.Log.Append(partition, other, func(eventlog.Position, error) {})
}

// End implements [eventlog.Log]. To ask takes as long as to append.
func (l *log) End(ctx context.Context, partition int32) (int64, error) {
	l.points.wait(l.run.dice, l.faults.get().delay)
	return l.Log.End(ctx, partition)
}

// Follow implements [eventlog.Log]: batches come a while later, some in parts.
func (l *log) Follow(ctx context.Context, partition int32, from int64, fn func([]eventlog.Entry) error) error {
	return l.Log.Follow(ctx, partition, from, func(entries []eventlog.Entry) error {
		for len(entries) > 0 {
			part := entries[:1+l.run.dice.Below(len(entries))]
			entries = entries[len(part):]
			if d := l.faults.get().delay; d > 0 {
				people.Pause(ctx, l.run.dice.About(d))
			}
			l.flows(ctx)
			l.points.reach(midFollow)
			if err := fn(part); err != nil {
				return err
			}
		}
		return nil
	})
}

// stall keeps records from the followers until flow.
func (l *log) stall() {
	l.following.Lock()
	defer l.following.Unlock()
	if l.stalled == nil {
		l.stalled = make(chan struct{})
	}
}

func (l *log) flow() {
	l.following.Lock()
	defer l.following.Unlock()
	if l.stalled != nil {
		close(l.stalled)
		l.stalled = nil
	}
}

func (l *log) flows(ctx context.Context) {
	l.following.Lock()
	stalled := l.stalled
	l.following.Unlock()
	if stalled == nil {
		return
	}
	select {
	case <-stalled:
	case <-l.points.dead:
	case <-ctx.Done():
	}
}
