package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/store"
)

// ErrLostLog means that the log is not, or no longer wholly, the one that the
// store belongs to. Going on quietly would give numbers out twice.
var ErrLostLog = errors.New("the log and the store do not belong together")

// stored is what the check of a start asks the store.
type stored interface {
	Name() string
	Watermarks(ctx context.Context) ([]store.Watermark, error)
	InitWatermark(ctx context.Context, epoch string, partition int32, next int64) error
}

// belongTogether checks that the log goes on where the store stands. A fresh
// pair is introduced to each other. acceptNewEpoch goes on with another log:
// rooms number on from what is stored.
func belongTogether(ctx context.Context, db stored, log eventlog.Log, acceptNewEpoch bool) error {
	marks, err := db.Watermarks(ctx)
	if err != nil {
		return err
	}
	known := make(map[int32]int64) // of this epoch
	for _, mark := range marks {
		if mark.Epoch == log.Epoch() {
			known[mark.Partition] = mark.Next
		}
	}
	if len(known) == 0 && len(marks) > 0 && !acceptNewEpoch {
		return fmt.Errorf("%w: the log was made anew, the store has recorded another one. Put the right %s back from a backup; or, if it is lost, go on without what was only in it with --accept-new-epoch",
			ErrLostLog, logFile)
	}
	for partition := range log.Partitions() {
		next, recorded := known[partition]
		if err := continues(ctx, db, log, partition, next, recorded, acceptNewEpoch); err != nil {
			return err
		}
	}
	return nil
}

// continues checks one partition. next is its watermark, if one is recorded.
func continues(ctx context.Context, db stored, log eventlog.Log, partition int32, next int64, recorded, acceptNewEpoch bool) error {
	begin, err := log.Begin(ctx, partition)
	if err != nil {
		return fmt.Errorf("begin of the log: %w", err)
	}
	end, err := log.End(ctx, partition)
	if err != nil {
		return fmt.Errorf("end of the log: %w", err)
	}
	switch {
	case !recorded && end > 0 && !acceptNewEpoch:
		return fmt.Errorf("%w: the log has %d records and the store has never recorded any. Put the right %s back from a backup",
			ErrLostLog, end-begin, db.Name())
	case !recorded:
		return db.InitWatermark(ctx, log.Epoch(), partition, begin)
	case end < next:
		return fmt.Errorf("%w: the log ends at offset %d, the store has recorded up to %d. Records are missing: put the right %s back from a backup",
			ErrLostLog, end, next, logFile)
	case begin > next:
		return fmt.Errorf("%w: the log begins at offset %d, the store has recorded up to %d only. Put a newer %s back from a backup",
			ErrLostLog, begin, next, db.Name())
	}
	return nil
}
