package loadgen

import (
	"context"
	"fmt"
	"time"
)

// lead is between the last connect and the first planned send.
const lead = 100 * time.Millisecond

// longestPause bounds one sleep, so that a cancelled run ends soon.
const longestPause = 50 * time.Millisecond

// paced sends Rate messages a second at times fixed in advance.
func (r *run) paced(ctx context.Context) (Result, error) {
	total := int64(r.cfg.Rate * (r.cfg.Warmup + r.cfg.Duration).Seconds())
	if total > maxMessages {
		return Result{}, fmt.Errorf("loadgen: %d messages are more than %d", total, maxMessages)
	}
	if err := r.open(ctx, r.cfg.Sockets); err != nil {
		return Result{}, err
	}
	order := r.sendOrder()
	start := r.clock.now() + lead
	from, to := start+r.cfg.Warmup, start+r.cfg.Warmup+r.cfg.Duration
	// Counters are read in the middle between two sends.
	half := time.Duration(float64(time.Second) / r.cfg.Rate / 2)
	measured := r.window(ctx, from-half, to-half)
	var lag Histogram
	for k := range total {
		planned := start + time.Duration(float64(k)/r.cfg.Rate*float64(time.Second))
		if err := r.pauseUntil(ctx, planned); err != nil {
			return Result{}, err
		}
		late := r.send(r.sockets[order[k%int64(len(order))]], planned, planned >= from)
		if planned >= from {
			lag.Record(late)
		}
	}
	a, b, err := measured()
	if err != nil {
		return Result{}, err
	}
	if err := r.drain(ctx); err != nil {
		return Result{}, err
	}
	res := r.between(a, b)
	res.SendLag = summaryOf(&lag)
	return res, nil
}

func (r *run) pauseUntil(ctx context.Context, at time.Duration) error {
	for {
		wait := at - r.clock.now()
		if err := ctx.Err(); err != nil || wait <= 0 {
			return err
		}
		pause(min(wait, longestPause))
	}
}
