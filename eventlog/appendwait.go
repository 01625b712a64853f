package eventlog

import (
	"context"
	"fmt"
)

// AppendWait appends rec and waits for the answer. A ctx that has already ended
// is [ErrNotAppended]; one that ends while waiting is [ErrUnknown], the record
// is not cancelled and its memory still belongs to the log. Either error is
// also the one of ctx.
func AppendWait(ctx context.Context, log Log, partition int32, rec Record) (Position, error) {
	if err := ctx.Err(); err != nil {
		return Position{}, fmt.Errorf("%w: %w", ErrNotAppended, err)
	}
	type answer struct {
		pos Position
		err error
	}
	answered := make(chan answer, 1)
	log.Append(partition, rec, func(pos Position, err error) {
		answered <- answer{pos, err}
	})
	select {
	case a := <-answered:
		return a.pos, a.err
	case <-ctx.Done():
	}
	// Both may have been ready, and an answer says more than the end of ctx.
	select {
	case a := <-answered:
		return a.pos, a.err
	default:
		return Position{}, fmt.Errorf("%w: %w", ErrUnknown, ctx.Err())
	}
}
