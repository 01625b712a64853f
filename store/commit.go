package store

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/internal/planted"
)

// Applied is a record and what [chat.Apply] made of it.
type Applied struct {
	Event  *chat.Event
	Record *chat.Record // nil of a record that could not be decoded
}

// Batch is what a recorder commits at once: the consecutive records of a
// partition from offset From up to, not including, Next, in the log's order. A
// part of a batch with its own From and Next is a batch. There may be fewer
// items than offsets: a record that names no room is passed over.
type Batch struct {
	Epoch     string
	Partition int32
	From      int64 // the watermark as the recorder knows it
	Next      int64 // the watermark afterwards
	Items     []Applied
}

// Commit stores a batch, what follows from it and the watermark, all or
// nothing. It fails with [ErrFenced] when the watermark is not at From. An
// error for which [IsOutage] holds says nothing about the batch; after one the
// recorder reads the watermark, for the batch may be stored.
//
// The transaction may be lost with the power, never in part and never one
// before another; it is then found again by the watermark.
func (s *Store) Commit(ctx context.Context, b Batch) error {
	if planted.WatermarkOutside {
		if err := s.record(ctx, func(t *tx) error { return t.advance(b) }); err != nil {
			return err
		}
	}
	err := s.record(ctx, func(t *tx) error {
		// First, so that a recorder that was replaced changes nothing.
		if err := t.advance(b); err != nil && !planted.WatermarkOutside {
			return err
		}
		if err := t.insertEvents(s.dialect, b.Items); err != nil {
			return err
		}
		d := derivation{tx: t, dialect: s.dialect, rooms: make(map[chat.RoomID]*roomTail), marks: make(map[markKey]int)}
		for i := range b.Items {
			if err := d.take(&b.Items[i]); err != nil {
				return fmt.Errorf("derive from event %d of room %d: %w", b.Items[i].Event.Seq, b.Items[i].Event.Room, err)
			}
		}
		if err := d.finish(); err != nil {
			return err
		}
		return failpoint.Fail(failpoint.RecorderStored)
	})
	if err != nil {
		return fmt.Errorf("commit offsets %d to %d of partition %d: %w", b.From, b.Next, b.Partition, err)
	}
	return nil
}

// advance moves the watermark if it is where the batch begins.
func (t *tx) advance(b Batch) error {
	moved, err := t.exec(qAdvance, b.Next, b.Epoch, b.Partition, b.From)
	if err == nil && moved != 1 && !planted.GuardOff {
		return ErrFenced
	}
	return err
}

const qAdvance = `UPDATE watermarks SET next = ? WHERE epoch = ? AND partition_no = ? AND next = ?`
