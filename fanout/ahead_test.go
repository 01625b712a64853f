package fanout_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
)

// stalledLog keeps records from its followers while it is stalled.
type stalledLog struct {
	eventlog.Log

	mu      sync.Mutex
	stalled chan struct{} // closed by flow; nil when it flows
}

func (l *stalledLog) stall() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stalled = make(chan struct{})
}

func (l *stalledLog) flow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.stalled)
	l.stalled = nil
}

func (l *stalledLog) Follow(ctx context.Context, partition int32, from int64, fn func([]eventlog.Entry) error) error {
	return l.Log.Follow(ctx, partition, from, func(entries []eventlog.Entry) error {
		l.mu.Lock()
		stalled := l.stalled
		l.mu.Unlock()
		if stalled != nil {
			<-stalled
		}
		return fn(entries)
	})
}

// The store may hold an event that this node has not applied. Who asks for it
// again, with a cid that only the store knows, is answered when the node has:
// behind the event itself.
func TestAnswerOfTheStoreWaitsForTheNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		log := &stalledLog{Log: w.log.Log}
		w.log.Log = log
		w.start()
		w.make()

		log.stall()
		w.log.set(func(_ eventlog.Record, append func(func(eventlog.Position, error)), done func(eventlog.Position, error)) {
			append(func(eventlog.Position, error) { done(eventlog.Position{}, eventlog.ErrUnknown) })
		})
		wantCode(t, w.send(withCID(text(ann, "once"), "old")), chat.Unknown)
		w.store.advanceToEnd(t)

		answers := make(chan chat.Answer, 1)
		go func() { answers <- w.submit(fanout.Submission{Draft: withCID(text(ann, "once"), "old"), Retry: true}) }()
		synctest.Wait()
		select {
		case early := <-answers:
			t.Errorf("before the node has applied the event: got %+v, want no answer", early)
			log.flow()
		default:
			log.flow()
			if got := <-answers; got.Err != nil || got.Seq != 2 || !got.Duplicate {
				t.Errorf("got %+v, want the duplicate of event 2", got)
			}
		}
	})
}
