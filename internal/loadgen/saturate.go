package loadgen

import (
	"context"

	"golang.org/x/time/rate"
)

// saturate keeps Window messages under way: the next one leaves when one of
// them has reached every socket. Nobody sends more than the server allows.
func (r *run) saturate(ctx context.Context) (Result, error) {
	if err := r.open(ctx, r.cfg.Sockets); err != nil {
		return Result{}, err
	}
	order := r.sendOrder()
	limits := r.limiters()
	start := r.clock.now() + lead
	from, to := start+r.cfg.Warmup, start+r.cfg.Warmup+r.cfg.Duration
	measured := r.window(ctx, from, to)
	end, cancel := context.WithDeadline(ctx, r.clock.start.Add(to))
	defer cancel()
	for k := 0; k < maxMessages; k++ {
		s := r.sockets[order[k%len(order)]]
		person, _ := r.seat(s.number)
		if err := r.turn(end, limits[person]); err != nil {
			break
		}
		now := r.clock.now()
		r.send(s, now, now >= from)
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	a, b, err := measured()
	if err != nil {
		return Result{}, err
	}
	if err := r.drain(ctx); err != nil {
		return Result{}, err
	}
	return r.between(a, b), nil
}

// turn waits until the window has a place and the person may send.
func (r *run) turn(end context.Context, limit *rate.Limiter) error {
	if err := r.await(end, int64(r.cfg.Window)); err != nil {
		return err
	}
	return limit.Wait(end)
}

// limiters keep each person a little below the server's limit.
func (r *run) limiters() []*rate.Limiter {
	limits := make([]*rate.Limiter, len(r.tokens))
	for i := range limits {
		limits[i] = rate.NewLimiter(rate.Inf, 1)
		if r.terms.SendsPerSecond > 0 {
			limits[i] = rate.NewLimiter(rate.Limit(share*r.terms.SendsPerSecond), max(1, r.terms.SendBurst/5))
		}
	}
	return limits
}
