package loadgen

import "context"

// storm opens all sockets as fast as the dialers can. One socket of each
// person is open before, so that what is measured is people coming back, not
// people becoming members.
func (r *run) storm(ctx context.Context) (Result, error) {
	if err := r.open(ctx, len(r.tokens)); err != nil {
		return Result{}, err
	}
	r.connects = Histogram{}
	a, err := r.moment()
	if err != nil {
		return Result{}, err
	}
	if err := r.open(ctx, len(r.tokens)+r.cfg.Sockets); err != nil {
		return Result{}, err
	}
	b, err := r.moment()
	if err != nil {
		return Result{}, err
	}
	res := r.between(a, b)
	res.ConnectsPerSecond = perSecond(int64(r.cfg.Sockets), b.at-a.at)
	if res.Server != nil {
		res.Server.CPUPerConnect = res.Server.CPUSeconds * 1e6 / float64(r.cfg.Sockets)
	}
	return res, nil
}
