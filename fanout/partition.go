package fanout

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
)

// partition is one partition of the log as this node has applied it.
type partition struct {
	hub *Hub
	no  int32

	mu        sync.Mutex
	started   bool  // the store's watermark is known and following has begun
	applied   int64 // next offset not yet applied
	watermark int64 // next offset that the store does not hold, as last known
	kept      kept
	rings     ringWeight
	rooms     map[chat.RoomID]*room
	opening   map[chat.RoomID]*opening

	warnedAt      time.Time // when a failed append was last logged
	failedAppends int       // since then

	meetAgain time.Time // when strangers may be looked up again; the follower's

	changed chan struct{} // closed when applied or watermark moved; nil while nobody waits
}

func newPartition(h *Hub, no int32) *partition {
	return &partition{
		hub: h, no: no,
		kept: kept{bytes: &h.memory.kept}, rings: ringWeight{total: &h.memory.rings},
		rooms:   make(map[chat.RoomID]*room),
		opening: make(map[chat.RoomID]*opening),
	}
}

// run learns where the store stands, waiting for it if need be, and follows
// from there.
func (p *partition) run(ctx context.Context) error {
	from, err := p.storedPosition(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.started, p.applied, p.watermark = true, from, from
	p.wake()
	p.mu.Unlock()
	p.hub.following.Add(1)
	return p.hub.log.Follow(ctx, p.no, from, func(entries []eventlog.Entry) error {
		if err := p.hub.awaitFresh(ctx); err != nil {
			return err
		}
		p.meet(ctx, entries)
		return p.follow(entries)
	})
}

func (p *partition) storedPosition(ctx context.Context) (int64, error) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		next, err := p.hub.store.Watermark(ctx, p.hub.log.Epoch(), p.no)
		if err == nil {
			return next, nil
		}
		p.hub.logger.WarnContext(ctx, "waiting for the store before following the log", "partition", p.no, "error", err)
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// changes returns a channel that is closed at the next change of applied or
// watermark. The caller holds p.mu.
func (p *partition) changes() <-chan struct{} {
	if p.changed == nil {
		p.changed = make(chan struct{})
	}
	return p.changed
}

// wake ends the waiting of everybody who asked for changes. The caller holds
// p.mu.
func (p *partition) wake() {
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// await waits, with p.mu held at call and return, until done reports true. It
// fails with an unavailable after [chat.ReadWait].
func (p *partition) await(ctx context.Context, what string, done func() bool) error {
	if done() {
		return nil
	}
	timeout := time.NewTimer(chat.ReadWait)
	defer timeout.Stop()
	for !done() {
		changed := p.changes()
		p.mu.Unlock()
		var err error
		select {
		case <-changed:
		case <-ctx.Done():
			err = ctx.Err()
		case <-timeout.C:
			refusal := chat.Errorf(chat.Unavailable, "This server is still catching up (%s). Try again in a moment.", what)
			refusal.RetryAfter = time.Second
			err = refusal
		}
		p.mu.Lock()
		if err != nil {
			return err
		}
	}
	return nil
}

// awaitStart waits until the partition is followed. The caller holds p.mu.
func (p *partition) awaitStart(ctx context.Context) error {
	return p.await(ctx, "starting", func() bool { return p.started })
}

// advanceWatermark takes note of what the store holds by now. The caller holds
// p.mu.
func (p *partition) advanceWatermark(next int64) {
	if next <= p.watermark {
		return
	}
	p.watermark = next
	p.kept.release(next)
	for _, r := range p.rooms {
		r.storedUpTo(next)
	}
	p.wake()
}

// kept holds undecoded the records of all rooms from the last known watermark
// on, so that a room can be opened without waiting for the recorder. It is
// guarded by its partition's mutex.
type kept struct {
	records []keptRecord  // in offset order
	bytes   *atomic.Int64 // of all partitions
	pins    []int64       // openings and lists under way need the records from here on
	floor   int64         // records below it were asked to be released
}

type keptRecord struct {
	room    chat.RoomID
	targets []chat.UserID // whom it adds or removes
	entry   eventlog.Entry
}

// concerns reports whether the record takes somebody in or out.
func (k *keptRecord) concerns(user chat.UserID) bool { return slices.Contains(k.targets, user) }

func (k *kept) add(room chat.RoomID, targets []chat.UserID, entry *eventlog.Entry) {
	k.records = append(k.records, keptRecord{room, targets, *entry})
	k.bytes.Add(int64(entry.Size()))
}

func (k *kept) pin(offset int64) { k.pins = append(k.pins, offset) }

func (k *kept) unpin(offset int64) {
	for i, pinned := range k.pins {
		if pinned == offset {
			k.pins = append(k.pins[:i], k.pins[i+1:]...)
			break
		}
	}
	k.release(k.floor)
}

// from is the first record that is to be kept: the watermark, or below it
// what is under way may need. The store can be ahead of this follower, so a
// record below the watermark may still be to come.
func (k *kept) from(watermark int64) int64 {
	for _, pinned := range k.pins {
		watermark = min(watermark, pinned)
	}
	return watermark
}

// release drops the records below next that nobody needs.
func (k *kept) release(next int64) {
	k.floor = max(k.floor, next)
	limit := k.from(k.floor)
	n := 0
	for n < len(k.records) && k.records[n].entry.Offset < limit {
		k.bytes.Add(-int64(k.records[n].entry.Size()))
		n++
	}
	if n == 0 {
		return
	}
	rest := copy(k.records, k.records[n:])
	clear(k.records[rest:])
	k.records = k.records[:rest]
	if cap(k.records) > 4096 && rest < cap(k.records)/8 {
		k.records = append(make([]keptRecord, 0, rest), k.records...)
	}
}
