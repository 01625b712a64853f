package loadgen

import (
	"context"
	"fmt"
)

// join lets everybody join at once, and sends one message when the last one has.
// What is used until everybody has the message is what joining has cost.
func (r *run) join(ctx context.Context) (Result, error) {
	if err := r.open(ctx, r.cfg.Sockets); err != nil {
		return Result{}, err
	}
	a, err := r.moment()
	if err != nil {
		return Result{}, err
	}
	for _, s := range r.sockets {
		if err := s.join(); err != nil {
			return Result{}, fmt.Errorf("loadgen: socket %d: join: %w", s.number, err)
		}
	}
	if err := r.allLive(ctx); err != nil {
		return Result{}, err
	}
	now := r.clock.now()
	r.send(r.sockets[0], now, true)
	if err := r.drain(ctx); err != nil {
		return Result{}, err
	}
	b, err := r.moment()
	if err != nil {
		return Result{}, err
	}
	if err := pauseFor(ctx, r.cfg.Settle); err != nil {
		return Result{}, err
	}
	c, err := r.moment()
	if err != nil {
		return Result{}, err
	}
	res := r.between(a, b)
	res.JoinedMillis = float64((b.at - a.at).Microseconds()) / 1000
	res.PresencePerSocket = float64(c.presence-a.presence) / float64(r.cfg.Sockets)
	return res, nil
}

func (r *run) allLive(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	all := int64(r.cfg.Sockets)
	if err := r.until(wait, func() bool { return r.live.Load() == all }); err != nil {
		return fmt.Errorf("loadgen: %d of %d sockets have joined: %w", r.live.Load(), all, err)
	}
	return nil
}
