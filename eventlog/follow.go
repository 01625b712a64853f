package eventlog

import "context"

// look is how an implementation finds the entries that begin at the offset
// next. When there are none yet it returns a channel instead, closed when it is
// worth looking again.
type look func(ctx context.Context, next int64) (entries []Entry, moved <-chan struct{}, err error)

// follow calls fn with what look finds from the offset from on, until ctx ends,
// or look or fn fails.
func follow(ctx context.Context, from int64, look look, fn func([]Entry) error) error {
	for next := from; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		entries, moved, err := look(ctx, next)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			select {
			case <-moved:
			case <-ctx.Done():
			}
			continue
		}
		if err := fn(entries); err != nil {
			return err
		}
		next = entries[len(entries)-1].Offset + 1
	}
}
