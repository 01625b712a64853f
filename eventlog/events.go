package eventlog

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// EventsTopic holds the control stream.
	EventsTopic = "chat-events"
	// EventsRetention is how long it is kept.
	EventsRetention = time.Hour
	// beatEvery is how often a subscriber asks whether it hears everything.
	beatEvery = time.Second
	// beatHeader marks a beat and says whose it is.
	beatHeader = "beat"
)

// Events is the control stream of a cluster: what nodes have to tell each other
// at once and nobody has to keep, such as the end of a session. It is a log of
// its own, with one partition that forgets after an hour. A server that is
// alone needs none: there it is a call within the process.
//
// A subscriber also learns how fresh it is. Once a second it publishes a beat;
// when that comes back in its turn, everything that was published before the
// beat was asked for has been handled.
type Events struct {
	log   *Kafka
	name  string // of the one who subscribes, in beats
	token string // tells our beats from those of an earlier run

	mu     sync.Mutex
	beat   int64               // the latest
	asked  map[int64]time.Time // when each beat was begun that has not come back
	proven time.Time           // when the latest beat that came back was begun
}

// OpenEvents opens the control stream, and makes its topic when there is none.
// Topic is [EventsTopic] if options say nothing; Partitions and Retention are
// always those of the stream. Errors are those of [OpenKafka].
func OpenEvents(ctx context.Context, options KafkaOptions) (*Events, error) {
	if options.Topic == "" {
		options.Topic = EventsTopic
	}
	options.Partitions, options.Retention = 1, EventsRetention
	log, err := OpenKafka(ctx, options)
	if err != nil {
		return nil, err
	}
	return &Events{log: log, name: log.opts.ClientID, token: rand.Text(), asked: make(map[int64]time.Time)}, nil
}

// Publish returns when the event is durable: from then on every subscriber gets
// it. Errors are those of [AppendWait].
func (e *Events) Publish(ctx context.Context, rec Record) (Position, error) {
	return AppendWait(ctx, e.log, 0, rec)
}

// Now is the offset from which on a subscriber gets what is published after
// this call.
func (e *Events) Now(ctx context.Context) (int64, error) { return e.log.End(ctx, 0) }

// Subscribe calls fn with the events from the offset from on, in the order in
// which they were published, until ctx ends or fn fails. Beats are not among
// them. There may be one subscriber at a time.
//
// The error is never nil: that of ctx, that of fn, or [ErrTruncated] when the
// stream has forgotten events that were not handled yet. Then whoever
// subscribes has to find out in another way what they said, and goes on from
// Now. Other errors are those of [Log.Follow]: the stream has to be opened
// again.
func (e *Events) Subscribe(ctx context.Context, from int64, fn func(Entry) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var beating sync.WaitGroup
	beating.Go(func() { e.keepBeating(ctx) })
	defer beating.Wait()
	defer cancel()
	return e.log.Follow(ctx, 0, from, func(entries []Entry) error {
		for _, entry := range entries {
			if isBeat(&entry) {
				e.heard(&entry)
			} else if err := fn(entry); err != nil {
				return err
			}
		}
		return nil
	})
}

// Proven is the time up to which a subscriber has certainly handled everything
// that was published; zero before the first proof. It has a monotonic reading.
func (e *Events) Proven() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.proven
}

// keepBeating publishes beats, one at a time: when the brokers do not answer,
// more of them would prove nothing.
func (e *Events) keepBeating(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		_, _ = e.Publish(ctx, e.newBeat()) // what came of it, the subscriber sees
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// newBeat is the next beat, begun now.
func (e *Events) newBeat() Record {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.beat++
	e.asked[e.beat] = time.Now()
	return Record{
		Headers: []Header{{Key: beatHeader, Value: []byte(e.name)}},
		Value:   fmt.Appendf(nil, "%s %d", e.token, e.beat),
	}
}

func isBeat(entry *Entry) bool { return len(entry.Headers) > 0 && entry.Headers[0].Key == beatHeader }

// heard notes a beat that has come back, if it is ours.
func (e *Events) heard(entry *Entry) {
	token, number, _ := strings.Cut(string(entry.Value), " ")
	beat, err := strconv.ParseInt(number, 10, 64)
	if token != e.token || err != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if asked, ours := e.asked[beat]; ours && asked.After(e.proven) {
		e.proven = asked
	}
	for earlier := range e.asked {
		if earlier <= beat {
			delete(e.asked, earlier)
		}
	}
}

// Close ends the subscriber and lets go of the brokers, like [Kafka.Close].
func (e *Events) Close() error { return e.log.Close() }
