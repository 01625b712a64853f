package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

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
	// Alone: there are no other servers, so that whoever waits until something is
	// stored tells this recorder ([Recorder.Hurry]). Talk then waits up to
	// [AloneWait] for company instead of [BatchWait].
	Alone bool
	// Stored is told after each commit that the store holds a partition up to,
	// not including, the offset next. It is called from the recorder's
	// goroutine and must not block.
	Stored func(partition int32, next int64)
	// Alarm is told why a partition is not recorded here any more: somebody has
	// to look. It is told once for each, and when Run ends by itself.
	Alarm  func(error)
	Logger *slog.Logger // nil: slog.Default
}

func (c RecorderConfig) patience() time.Duration {
	if c.Alone {
		return AloneWait
	}
	return BatchWait
}

// Recorder writes what happened to the store, for the partitions that fall to
// it. Make it with [NewRecorder].
type Recorder struct {
	cfg     RecorderConfig
	logger  *slog.Logger
	hurries []hurry // by partition

	mu      sync.Mutex
	begun   bool            // a partition has fallen to this recorder, if only for a while
	stored  map[int32]int64 // of each owned partition the next offset that is not stored, or notRead
	gaveUp  map[int32]error // why a partition is not recorded here any more
	stopped error           // why Run has ended for good, nil before
	changed chan struct{}   // closed and replaced when any of this changes
}

// notRead stands for the watermark of a partition that was not read yet.
const notRead = -1

var (
	// ErrReplaced means that somebody else has recorded this partition
	// meanwhile. It ends a tenure; the next one begins where the store stands.
	ErrReplaced = errors.New("history: the watermark was moved by somebody else")
	// ErrNewerRecord means that the log holds a record that only a newer
	// version can store. Like an error of the store about the data, and
	// [store.ErrUnknownRoom], it makes a recorder give the partition up.
	ErrNewerRecord = errors.New("history: a record of a newer version; run the version that wrote it")
)

// NewRecorder makes a recorder. It does nothing until Run.
func NewRecorder(cfg RecorderConfig) *Recorder {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &Recorder{
		cfg: cfg, logger: cfg.Logger, hurries: newHurries(cfg.Log.Partitions()),
		stored: make(map[int32]int64), gaveUp: make(map[int32]error), changed: make(chan struct{}),
	}
}

// Run records the partitions that fall to it until ctx ends. What trying again
// cannot help makes it give that partition up, to whoever can record it:
// everything before the one record is stored, what the store does not hold is
// still in the log, and the alarm is told. When there is no partition left that
// it could record, or the log cannot be followed, it ends with the error.
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
	r.alarm(err)
	return err
}

func (r *Recorder) alarm(err error) {
	if r.cfg.Alarm != nil {
		r.cfg.Alarm(err)
	}
}

// Owns reports whether the partition is recorded here.
func (r *Recorder) Owns(partition int32) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, owned := r.stored[partition]
	return owned
}

// GaveUp counts the partitions that this recorder has left to others because it
// cannot store what is in them.
func (r *Recorder) GaveUp() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.gaveUp)
}

// record holds a partition, one tenure after another, until ctx ends or it has
// to be given up.
func (r *Recorder) record(ctx context.Context, partition int32) error {
	r.own(partition)
	defer func() {
		// A recorder that stops keeps the partition, so that Drain tells.
		if ctx.Err() != nil {
			r.disown(partition)
		}
	}()
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		begun := time.Now()
		err := r.serve(ctx, partition)
		if time.Since(begun) > maxPause {
			pause = firstPause
		}
		switch {
		case ctx.Err() != nil:
			// Whatever else went wrong just then, such as that the next one has
			// recorded already, the partition is no longer ours. Own would take
			// any other error for a reason to end.
			return ctx.Err()
		case errors.Is(err, ErrReplaced):
			// Of two that believe to own a partition, for a moment while it
			// changes hands, one commits and the other finds that here. Each
			// begins with what is stored then, so it does not matter who.
			r.logger.WarnContext(ctx, "somebody else recorded a partition; beginning anew where the store stands",
				slog.Int("partition", int(partition)), slog.Any("error", err))
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return ctx.Err()
			}
		case isOfTheLog(err):
			return err
		default:
			return r.giveUp(ctx, partition, err)
		}
	}
}

// isOfTheLog reports whether following failed, and not what was followed.
func isOfTheLog(err error) bool {
	for _, failure := range []error{eventlog.ErrTruncated, eventlog.ErrEpochChanged, eventlog.ErrCorrupt, eventlog.ErrFailed, eventlog.ErrClosed} {
		if errors.Is(err, failure) {
			return true
		}
	}
	return false
}

// giveUp leaves a partition to others, unless it is the last.
func (r *Recorder) giveUp(ctx context.Context, partition int32, reason error) error {
	last := false
	r.change(func() {
		r.gaveUp[partition] = reason
		last = len(r.gaveUp) == int(r.cfg.Log.Partitions())
	})
	if last {
		return reason
	}
	r.disown(partition)
	reason = fmt.Errorf("recorder gave up partition %d: %w", partition, reason)
	r.logger.ErrorContext(ctx, "the recorder has given a partition up; the log keeps what is not stored", slog.Any("error", reason))
	r.alarm(reason)
	return nil
}

// serve is one tenure of a partition: one goroutine follows the log, this one
// collects and stores.
func (r *Recorder) serve(ctx context.Context, partition int32) (err error) {
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
