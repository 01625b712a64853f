package history

import (
	"context"
	"fmt"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// readPage reads a page of the store.
func (g *reading) readPage(ctx context.Context, q store.PageQuery) (*rows, error) {
	key := fmt.Sprintf("page %d: %d %d %d, %d from %d", g.room, q.Before, q.After, q.Around, q.Limit, q.From)
	return g.reader.once(ctx, key, func(ctx context.Context) (*rows, error) {
		page, err := g.reader.store.Page(ctx, g.room, q)
		return &rows{page.Events, page.Head.Seq}, err
	})
}

// readFrom reads the cursor's event and what follows it, enough for one part of
// a resume.
func (g *reading) readFrom(ctx context.Context, cursor, to chat.Seq) (*rows, error) {
	key := fmt.Sprintf("range %d: %d to %d", g.room, cursor, to)
	return g.reader.once(ctx, key, func(ctx context.Context) (*rows, error) {
		events, head, err := g.reader.store.Range(ctx, g.room, max(cursor, 1)-1, to,
			chat.MaxResumeEvents+1, chat.MaxResumeBytes+chat.MaxRecordBytes)
		return &rows{events, head.Seq}, err
	})
}

// readMessage reads one event.
func (g *reading) readMessage(ctx context.Context, seq chat.Seq) (*rows, error) {
	return g.reader.once(ctx, fmt.Sprintf("event %d: %d", g.room, seq), func(ctx context.Context) (*rows, error) {
		events, head, err := g.reader.store.Range(ctx, g.room, seq-1, seq, 1, chat.MaxRecordBytes)
		return &rows{events, head.Seq}, err
	})
}

// once reads, or waits for the same reading that is under way. It may have
// begun before the caller asked: newAnswer brings its rows to the caller's
// position like any others.
func (r *Reader) once(ctx context.Context, key string, read func(context.Context) (*rows, error)) (*rows, error) {
	done := r.reads.DoChan(key, func() (any, error) {
		// The others go on waiting when the first one leaves.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
		defer cancel()
		return read(ctx)
	})
	select {
	case result := <-done:
		if result.Err != nil {
			return nil, unreadable(key, result.Err)
		}
		return result.Val.(*rows), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// unreadable keeps refusals; everything else means that the store cannot be
// read now.
func unreadable(what string, err error) error {
	if refusal := chat.AsError(err); refusal.Code != chat.Internal {
		return refusal
	}
	refusal := chat.Errorf(chat.Unavailable, "The history cannot be read right now because the database does not answer. Try again in a moment.")
	refusal.RetryAfter = time.Second
	return fmt.Errorf("read %s: %w (%w)", what, refusal, err)
}
