package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/store"
)

// RecorderGroup is the name under which recorders share the log's partitions.
const RecorderGroup = "parley-recorder"

// RecorderStore is what a recorder needs of the database; *[store.Store] is
// one. An error for which [store.IsOutage] holds says that the database cannot
// be used now; every other one is about the data.
type RecorderStore interface {
	// SettledWatermark is the next offset of the partition that is not stored,
	// when no transaction is under way any more that may move it.
	SettledWatermark(ctx context.Context, epoch string, partition int32) (int64, error)
	// LoadState reads a room's state together with the watermark that it
	// stands at, in one snapshot. An unknown room is refused as
	// [chat.NotFound].
	LoadState(ctx context.Context, epoch string, partition int32, room chat.RoomID) (*chat.Opening, error)
	// Commit stores a batch and moves the watermark, all or nothing, and fails
	// with [store.ErrFenced] when the watermark is not where the batch begins.
	// After an outage the batch may be stored or not.
	Commit(ctx context.Context, b store.Batch) error
}

var _ RecorderStore = (*store.Store)(nil)

// RecorderConfig is what a recorder works with. Log and Store are required.
type RecorderConfig struct {
	Log   eventlog.Log
	Store RecorderStore
	// Stored is told after each commit that the store holds a partition up to,
	// not including, the offset next. It is called from the recorder's
	// goroutine and must not block.
	Stored func(partition int32, next int64)
	// Alarm is told, once, why the recorder has stopped for good: somebody has
	// to look. The same error ends Run.
	Alarm  func(error)
	Logger *slog.Logger // nil: slog.Default
}

// Recorder writes what happened to the store, for the partitions that fall to
// it. Make it with [NewRecorder].
type Recorder struct {
	cfg    RecorderConfig
	logger *slog.Logger

	mu      sync.Mutex
	begun   bool            // a partition has fallen to this recorder, if only for a while
	stored  map[int32]int64 // of each owned partition the next offset that is not stored, or notRead
	stopped error           // why Run has ended for good, nil before
	changed chan struct{}   // closed and replaced when any of this changes
}

// notRead stands for the watermark of a partition that was not read yet.
const notRead = -1

// What stops a recorder for good, besides errors of the store about the data
// and [store.ErrUnknownRoom].
var (
	// ErrReplaced means that somebody else records this partition. Whoever it
	// is goes on from where the store stands.
	ErrReplaced = errors.New("history: the watermark was moved by somebody else")
	// ErrNewerRecord means that the log holds a record that only a newer
	// version can store.
	ErrNewerRecord = errors.New("history: a record of a newer version; run the version that wrote it")
)

// NewRecorder makes a recorder. It does nothing until Run.
func NewRecorder(cfg RecorderConfig) *Recorder {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &Recorder{cfg: cfg, logger: cfg.Logger, stored: make(map[int32]int64), changed: make(chan struct{})}
}

// Run records until ctx ends, or until it meets something that trying again
// cannot help: then everything before it is stored, the alarm is told, and the
// error returned. What the store does not hold is still in the log.
//
// While the database is away Run tries again for ever. Run may be called once.
func (r *Recorder) Run(ctx context.Context) error {
	err := r.cfg.Log.Own(ctx, RecorderGroup, r.record)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		r.stop(err)
		return err
	}
	err = fmt.Errorf("recorder stopped: %w", err)
	r.stop(err)
	r.logger.ErrorContext(ctx, "the recorder has stopped; the log keeps what is not stored", slog.Any("error", err))
	if r.cfg.Alarm != nil {
		r.cfg.Alarm(err)
	}
	return err
}

// record is one tenure of a partition: one goroutine follows the log, this one
// collects and stores.
func (r *Recorder) record(ctx context.Context, partition int32) (err error) {
	r.own(partition)
	defer func() {
		// A recorder that stops keeps the partition, so that Drain tells.
		if ctx.Err() != nil {
			r.disown(partition)
		}
	}()
	b := newBatcher(r, partition)
	if b.next, err = b.watermark(ctx); err != nil {
		return err
	}
	b.end = b.next
	r.progress(partition, b.next)

	following, stop := context.WithCancel(ctx)
	defer stop()
	arrived := make(chan []eventlog.Entry)
	var followed error
	var follower sync.WaitGroup
	follower.Go(func() {
		defer close(arrived)
		followed = r.cfg.Log.Follow(following, partition, b.next, func(entries []eventlog.Entry) error {
			// The slice is the log's; what it holds stays as it is.
			select {
			case arrived <- slices.Clone(entries):
				return nil
			case <-following.Done():
				return following.Err()
			}
		})
	})
	err = b.run(ctx, arrived)
	stop()
	follower.Wait()
	if err == nil {
		err = followed
	}
	return err
}

// own takes note of a partition that has fallen to this recorder.
func (r *Recorder) own(partition int32) {
	r.change(func() { r.begun, r.stored[partition] = true, notRead })
}

// progress takes note of what is stored.
func (r *Recorder) progress(partition int32, next int64) {
	r.change(func() { r.stored[partition] = next })
}

// disown gives a partition up.
func (r *Recorder) disown(partition int32) {
	r.change(func() { delete(r.stored, partition) })
}

func (r *Recorder) stop(err error) { r.change(func() { r.stopped = err }) }

func (r *Recorder) change(fn func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fn()
	close(r.changed)
	r.changed = make(chan struct{})
}
