package sim

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/store"
)

// storeFaults are the chances of what may happen to a call of the store. They
// belong to the run, not to a node.
type storeFaults struct {
	refused float64 // not done, and told so
	lost    float64 // done, and told that it was not
	delay   time.Duration
}

// database is what stands between the parts of a node and its store.
type database struct {
	run    *run
	points *points
}

// errAway is an outage, by the rules of [store.IsOutage].
func errAway(what string) error {
	return fmt.Errorf("%s: %w: %w", what, errSimulated, io.ErrUnexpectedEOF)
}

// call makes a call of the store: before it, and between it and the answer, time
// may pass.
func call[T any](d *database, what string, after point, fn func() (T, error)) (T, error) {
	f := d.run.storeFaults.get()
	var none T
	d.points.wait(d.run.dice, f.delay)
	if d.run.dice.In(f.refused) {
		d.run.met("store away")
		return none, errAway(what)
	}
	answer, err := fn()
	d.points.wait(d.run.dice, f.delay)
	if after != "" {
		d.points.reach(after)
	}
	if err == nil && d.run.dice.In(f.lost) {
		d.run.met("store done, told away")
		return none, errAway(what)
	}
	return answer, err
}

// recorderStore is the store as the recorder knows it.
type recorderStore struct {
	inner history.RecorderStore
	*database
}

func (s recorderStore) SettledWatermark(ctx context.Context, epoch string, partition int32) (int64, error) {
	return call(s.database, "watermark", "", func() (int64, error) { return s.inner.SettledWatermark(ctx, epoch, partition) })
}

func (s recorderStore) LoadState(ctx context.Context, epoch string, partition int32, room chat.RoomID) (*chat.Opening, error) {
	return call(s.database, "load state", "", func() (*chat.Opening, error) { return s.inner.LoadState(ctx, epoch, partition, room) })
}

func (s recorderStore) Commit(ctx context.Context, b store.Batch) error {
	s.points.reach(beforeCommit)
	_, err := call(s.database, "commit", afterCommit, func() (struct{}, error) { return struct{}{}, s.inner.Commit(ctx, b) })
	return err
}

// hubStore is the store as the hub knows it.
type hubStore struct {
	fanout.Store
	*database
}

func (s hubStore) LoadOpening(ctx context.Context, epoch string, partition int32, room chat.RoomID, since int64) (*chat.Opening, error) {
	return call(s.database, "load opening", midOpening, func() (*chat.Opening, error) {
		return s.Store.LoadOpening(ctx, epoch, partition, room, since)
	})
}

func (s hubStore) FindAnswer(ctx context.Context, room chat.RoomID, user chat.UserID, cid string) (*chat.Answered, chat.Seq, error) {
	var head chat.Seq
	found, err := call(s.database, "find answer", "", func() (found *chat.Answered, err error) {
		found, head, err = s.Store.FindAnswer(ctx, room, user, cid)
		return found, err
	})
	return found, head, err
}

func (s hubStore) StoredUpTo(ctx context.Context, epoch string) (map[int32]int64, error) {
	return call(s.database, "watermark", "", func() (map[int32]int64, error) { return s.Store.StoredUpTo(ctx, epoch) })
}

func (s hubStore) Watermark(ctx context.Context, epoch string, partition int32) (int64, error) {
	return call(s.database, "watermark", "", func() (int64, error) { return s.Store.Watermark(ctx, epoch, partition) })
}

func (s hubStore) WasMember(ctx context.Context, room chat.RoomID, user chat.UserID) (bool, error) {
	return call(s.database, "was member", "", func() (bool, error) { return s.Store.WasMember(ctx, room, user) })
}

// readerStore is the store as pages and resumes know it.
type readerStore struct {
	inner history.ReaderStore
	*database
}

func (s readerStore) Page(ctx context.Context, room chat.RoomID, q store.PageQuery) (store.Page, error) {
	return call(s.database, "page", "", func() (store.Page, error) { return s.inner.Page(ctx, room, q) })
}

func (s readerStore) Range(ctx context.Context, room chat.RoomID, after, to chat.Seq, maxEvents, maxBytes int) ([]*chat.Event, chat.Head, error) {
	var head chat.Head
	events, err := call(s.database, "range", midCatchUp, func() (events []*chat.Event, err error) {
		events, head, err = s.inner.Range(ctx, room, after, to, maxEvents, maxBytes)
		return events, err
	})
	return events, head, err
}
