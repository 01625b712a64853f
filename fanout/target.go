package fanout

import (
	"context"
	"fmt"
	"time"

	"github.com/parleychat/parley/chat"
)

// targetCheck is what was found out, with the lock released, about the message
// that a change is about.
type targetCheck struct {
	reachedEnd bool
	asked      bool
	head       chat.Seq    // the room's stored head when the store was asked
	stored     *chat.Event // as the store has it, nil when it is no message
}

// target is the message that a change is about, at the applied position. The
// zero value is that of a record which is about none.
type target struct {
	missing bool // there is no such message
	hidden  bool // it is somebody else's, from before the sender could read
	deleted bool
}

// findTarget finds the message that a change is about, and tells the record
// who wrote it. waited tells that the lock was released: everything has to be
// judged again. The caller holds the partition's lock.
//
// The ring has the present form. For what is below it the store is asked, whose
// answer counts together with the deletions above the head that it spoke of,
// just as with cids: see [storeCheck].
func (r *room) findTarget(ctx context.Context, rec *chat.Record, check *targetCheck) (t target, waited bool, err error) {
	if !rec.Kind.ChangesMessage() {
		return target{}, false, nil
	}
	message := r.ring.at(rec.TargetSeq)
	switch {
	case message != nil || rec.TargetSeq == 0:
	case rec.TargetSeq > r.state.Head.Seq && !check.reachedEnd:
		// It may have been seen on another node.
		check.reachedEnd = true
		return target{}, true, r.part.reachEnd(ctx)
	case rec.TargetSeq > r.state.Head.Seq:
	case check.asked && check.head >= r.table.forgotten:
		message = check.stored
	default:
		return target{}, true, r.askTarget(ctx, rec, check)
	}
	if message == nil || message.Kind != chat.KindMessage || message.Void() {
		return target{missing: true}, false, nil
	}
	rec.TargetUser = message.User
	from, _ := r.state.ReadableFrom(rec.User)
	_, deleted := r.table.deleted[message.Seq]
	return target{
		hidden:  message.User != rec.User && message.Seq < from,
		deleted: deleted || message.Deleted,
	}, false, nil
}

// askTarget asks the store for a message below the ring.
func (r *room) askTarget(ctx context.Context, rec *chat.Record, check *targetCheck) error {
	r.part.mu.Unlock()
	events, head, err := r.part.hub.store.Range(ctx, rec.Room, rec.TargetSeq-1, rec.TargetSeq, 1, chat.MaxRecordBytes)
	r.part.mu.Lock()
	if err != nil {
		refusal := chat.Errorf(chat.Unavailable, "The database cannot be asked right now for the message. Send the same cid again.")
		refusal.RetryAfter = time.Second
		return fmt.Errorf("find message %d of room %d: %w (%w)", rec.TargetSeq, rec.Room, refusal, err)
	}
	check.asked, check.head, check.stored = true, head.Seq, nil
	if len(events) > 0 {
		check.stored = events[0]
	}
	return nil
}

// noMessage is the one answer about a message that does not exist and about one
// that the person may not know of.
func noMessage() *chat.Error { return chat.Errorf(chat.NotFound, "There is no such message.") }
