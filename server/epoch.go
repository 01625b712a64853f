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
//
// Other nodes may be at work, or do the same at this moment. So what is read of
// the store before the log must lie below its end, and what is read after the
// log above its begin: neither ever goes back.
func belongTogether(ctx context.Context, db stored, log eventlog.Log, acceptNewEpoch bool) error {
	before, others, err := recorded(ctx, db, log.Epoch())
	if err != nil {
		return err
	}
	if len(before) == 0 && others && !acceptNewEpoch {
		return fmt.Errorf("%w: the log was made anew, the store has recorded another one. Put the right %s back from a backup; or, if it is lost, go on without what was only in it with --accept-new-epoch",
			ErrLostLog, logName(log))
	}
	reaches := make([]reach, log.Partitions())
	for partition := range log.Partitions() {
		if reaches[partition], err = reachOf(ctx, log, partition); err != nil {
			return err
		}
	}
	after, _, err := recorded(ctx, db, log.Epoch())
	if err != nil {
		return err
	}
	for partition := range log.Partitions() {
		r := reaches[partition]
		next, known := after[partition]
		switch {
		case !known && r.end > 0 && !acceptNewEpoch:
			return fmt.Errorf("%w: the log has %d records and the store has never recorded any. Put the right %s back from a backup",
				ErrLostLog, r.end-r.begin, db.Name())
		case !known:
			if err := db.InitWatermark(ctx, log.Epoch(), partition, r.begin); err != nil {
				return err
			}
		case r.end < before[partition]:
			return fmt.Errorf("%w: partition %d of the log ends at offset %d, the store has recorded up to %d. Records are missing: put the right %s back from a backup",
				ErrLostLog, partition, r.end, before[partition], logName(log))
		case r.begin > next:
			return fmt.Errorf("%w: partition %d of the log begins at offset %d, the store has recorded up to %d only. Put a newer %s back from a backup",
				ErrLostLog, partition, r.begin, next, db.Name())
		}
	}
	return nil
}

// recorded are the watermarks of an epoch; others tells that there are some of
// another one.
func recorded(ctx context.Context, db stored, epoch string) (next map[int32]int64, others bool, err error) {
	marks, err := db.Watermarks(ctx)
	if err != nil {
		return nil, false, err
	}
	next = make(map[int32]int64)
	for _, mark := range marks {
		if mark.Epoch == epoch {
			next[mark.Partition] = mark.Next
		} else {
			others = true
		}
	}
	return next, others, nil
}

// reach is from where to where a partition goes.
type reach struct{ begin, end int64 }

func reachOf(ctx context.Context, log eventlog.Log, partition int32) (r reach, err error) {
	if r.begin, err = log.Begin(ctx, partition); err != nil {
		return r, fmt.Errorf("begin of the log: %w", err)
	}
	if r.end, err = log.End(ctx, partition); err != nil {
		return r, fmt.Errorf("end of the log: %w", err)
	}
	return r, nil
}

// logName is what people know the log by.
func logName(log eventlog.Log) string {
	if _, shared := log.(*eventlog.Kafka); shared {
		return "Kafka topic " + eventlog.KafkaTopic
	}
	return logFile
}
