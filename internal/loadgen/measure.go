package loadgen

import (
	"context"
	"errors"
	"os"
	"time"
)

// moment is the state of all counters at one time.
type moment struct {
	at         time.Duration
	server     Usage
	own        Usage // zero where /proc does not tell
	deliveries int64
	bytes      int64
	presence   int64
}

func (r *run) moment() (moment, error) {
	m := moment{at: r.clock.now()}
	if r.cfg.PID != 0 {
		u, err := ReadUsage(r.cfg.PID)
		if err != nil {
			return m, err
		}
		m.server = u
	}
	if own, err := ReadUsage(os.Getpid()); err == nil {
		m.own = own
	}
	for _, t := range r.tallies() {
		m.deliveries += t.deliveries.Load()
		m.bytes += t.bytes.Load()
		m.presence += t.presence.Load()
	}
	return m, nil
}

// between fills in what was used and delivered from one moment to another.
func (r *run) between(a, b moment) Result {
	wall := b.at - a.at
	n := b.deliveries - a.deliveries
	res := Result{
		Seconds: wall.Seconds(), Deliveries: n,
		DeliveriesPerSecond: perSecond(n, wall),
	}
	if n > 0 {
		res.BytesPerDelivery = float64(b.bytes-a.bytes) / float64(n)
	}
	own := b.own.Since(a.own)
	res.Generator = GeneratorUse{CPUSeconds: own.CPU.Seconds(), Cores: own.CPU.Seconds() / wall.Seconds()}
	if r.cfg.PID == 0 {
		return res
	}
	u := b.server.Since(a.server)
	res.Server = &ServerUse{CPUSeconds: u.CPU.Seconds(), Writes: u.Writes, Reads: u.Reads}
	if n > 0 {
		res.Server.CPUPerDelivery = float64(u.CPU.Microseconds()) / float64(n)
		res.Server.WritesPerDelivery = float64(u.Writes) / float64(n)
	}
	return res
}

// window takes the moments at two times of the run from a goroutine of its own,
// so that reading /proc delays no send. The function returned waits for both.
func (r *run) window(ctx context.Context, from, to time.Duration) func() (a, b moment, err error) {
	type pair struct {
		a, b moment
		err  error
	}
	done := make(chan pair, 1)
	go func() {
		var p pair
		p.a, p.b, p.err = r.moments(ctx, from, to)
		done <- p
	}()
	return func() (moment, moment, error) {
		p := <-done
		return p.a, p.b, p.err
	}
}

func (r *run) moments(ctx context.Context, from, to time.Duration) (a, b moment, err error) {
	if err := pauseFor(ctx, from-r.clock.now()); err != nil {
		return a, b, err
	}
	if err := r.measuring(true); err != nil {
		return a, b, err
	}
	if a, err = r.moment(); err != nil {
		return a, b, err
	}
	if err := pauseFor(ctx, to-r.clock.now()); err != nil {
		return a, b, errors.Join(err, r.measuring(false))
	}
	b, err = r.moment()
	return a, b, errors.Join(err, r.measuring(false))
}

func (r *run) measuring(begins bool) error {
	if r.cfg.Measuring == nil {
		return nil
	}
	return r.cfg.Measuring(begins)
}

// pauseFor waits, or returns ctx's error.
func pauseFor(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
