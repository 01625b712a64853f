package eventlog

import (
	"context"
	"errors"
	"sync"
)

// groups lets one call of Own at a time have the partition of the embedded log,
// for each group. The zero value is ready.
type groups struct {
	mu    sync.Mutex
	turns map[string]chan struct{} // holds a token while somebody owns
}

func (g *groups) turn(group string) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.turns == nil {
		g.turns = make(map[string]chan struct{})
	}
	turn, ok := g.turns[group]
	if !ok {
		turn = make(chan struct{}, 1)
		g.turns[group] = turn
	}
	return turn
}

// own waits for the turn, calls run, and unless that failed stays until ctx
// ends: a partition given up is free for others in the meantime.
func (g *groups) own(ctx context.Context, group string, run func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	turn := g.turn(group)
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	err := run(ctx)
	<-turn
	if err != nil && !errors.Is(err, ctx.Err()) {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}
