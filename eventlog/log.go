package eventlog

import (
	"context"
	"time"
)

// MaxRecord is the largest [Record.Size], in bytes, that a log accepts.
const MaxRecord = 64 << 10

// headerOverhead is charged for every header besides its bytes, so that a
// record of many empty headers has a size too.
const headerOverhead = 8

// Header is one named value beside a record. Names may repeat, order is kept.
type Header struct {
	Key   string
	Value []byte
}

// Record is what is appended. The log does not look into it. A nil and an empty
// slice are the same thing; which of the two a follower gets is not defined.
type Record struct {
	Key     []byte
	Headers []Header
	Value   []byte
}

// Size is what the record counts towards [MaxRecord]: the bytes of key, value
// and headers, and 8 more for each header.
func (r *Record) Size() int {
	n := len(r.Key) + len(r.Value)
	for i := range r.Headers {
		n += headerOverhead + len(r.Headers[i].Key) + len(r.Headers[i].Value)
	}
	return n
}

// Position is where a record lies. Offsets of different epochs have nothing to
// do with each other. In a log that was restored from a copy, the records that
// came with the copy keep the epoch in which they were written.
type Position struct {
	Epoch     string
	Partition int32
	Offset    int64
}

// Entry is a record that lies in the log. It is shared by all followers, and
// with whoever appended it: nobody may change what its slices hold. Entries that
// came together may share memory, up to a megabyte of it: who keeps one of them
// for long keeps a copy.
type Entry struct {
	Position
	Record
	// Time is when the log took the record, in UTC, to the millisecond. It is
	// for display and retention; clocks step back, so it orders nothing.
	Time time.Time
}

// Log is an append-only log. All methods may be called from any goroutine at
// any time; Close alone must not be called from a done, fn or run.
//
// What it promises after a crash of the process, and of the machine where the
// implementation says so: every record whose done got a nil error is still
// there, at the position it was told; records are there in the order in which
// Append was called, so that a record which was never answered is either
// missing together with all later ones or found once; no offset is given to
// two records, not even after Trim.
type Log interface {
	// Epoch identifies this incarnation of the log: the same after every
	// restart, another one when the log was made anew. Positions of another
	// epoch are meaningless here.
	Epoch() string

	// Partitions is the number of partitions, at least 1. They are numbered
	// from 0.
	Partitions() int32

	// Append hands rec to the log and returns at once, without waiting for
	// the disk or the network. The order of calls for one partition is the
	// order in the log. The memory of rec belongs to the log, and later to
	// its followers, from the call on.
	//
	// done is called exactly once, from a goroutine of the log, never from
	// within Append, with one of:
	//
	//   - nil: the record is durable at the position, End is above it and
	//     Follow delivers it. Within a partition these calls come one after
	//     another in offset order.
	//   - an error that is [ErrNotAppended]: the record is certainly not in the
	//     log, now or ever. The error is also the reason: [ErrTooLarge],
	//     [ErrBusy] (too much is waiting already), [ErrFull], [ErrNoPartition],
	//     [ErrFailed], [ErrClosed] and others. These calls have no order.
	//   - an error that is [ErrUnknown]: anything else. The record may be in
	//     the log, or get there yet.
	//
	// done holds up the answers behind it, so it must not block. It may call
	// any method of the log that does not.
	//
	// Nothing is ever withdrawn: a record that was handed over is not
	// cancelled, whatever happens to the caller.
	Append(partition int32, rec Record, done func(Position, error))

	// Follow calls fn with the records of a partition, in offset order,
	// beginning with the one at offset from and leaving out none, until ctx
	// ends or fn fails. When it has delivered all there is it waits for more.
	// Only durable records are delivered. from may be the offset that comes
	// next.
	//
	// fn gets between 1 and 1,000 consecutive entries, all of them together not
	// much above 1 MiB unless one alone is larger; the slice is only valid
	// during the call, the entries and what they point to are valid for ever
	// and must not be changed. A slow fn slows nobody but its own follower.
	//
	// The error is never nil: that of ctx, that of fn unchanged,
	// [ErrTruncated] when from lies below the first offset that is kept or
	// above the end, also when Trim overtakes a follower, [ErrEpochChanged]
	// when the log was replaced by another one, [ErrCorrupt] when a record
	// cannot be read as it was written, [ErrFailed], [ErrClosed], or what else
	// made reading impossible. It never skips a record and goes on.
	Follow(ctx context.Context, partition int32, from int64, fn func([]Entry) error) error

	// Begin is the first offset that is kept. It equals End when nothing is.
	Begin(ctx context.Context, partition int32) (int64, error)

	// End is the offset that would be given to a record which became durable
	// now: everything that was durable before the call lies below it.
	End(ctx context.Context, partition int32) (int64, error)

	// Trim forgets the records below the offset before, for retention; it does
	// nothing when they are gone already. An offset above End is refused with
	// [ErrTruncated]. After an error, or a crash, the records below some
	// offset between the old Begin and before are gone.
	Trim(ctx context.Context, partition int32, before int64) error

	// Own shares the partitions among all calls of Own with the same group, in
	// this process and others, and calls run for each one that falls to this
	// call, at the same time for several. The ctx of run ends when the
	// partition is taken away or Own's own ctx ends; run should return soon
	// then. Two calls may believe to own a partition for a moment while it
	// changes hands over a network: what run does must be guarded by its own
	// means.
	//
	// A run that returns nil gives its partition up: this call will not be
	// asked again. A run that fails with anything but the error of its ctx ends
	// Own: the others' ctx is cancelled, and once they have returned, so does
	// Own with the first such error. Otherwise Own stays until ctx ends and
	// every run has returned, and returns the error of ctx.
	Own(ctx context.Context, group string, run func(ctx context.Context, partition int32) error) error

	// Close accepts no more records, waits until what was handed over is
	// answered, ends every Follow with [ErrClosed], and gives everything back.
	// A second call does nothing.
	Close() error
}
