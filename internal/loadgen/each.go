package loadgen

import (
	"golang.org/x/sync/errgroup"
)

// each calls do with 0 … n−1, at most so many at once, and returns the first
// error; calls not yet begun then are left out.
func each(n, atOnce int, do func(i int) error) error {
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i := range n {
		g.Go(func() error { return do(i) })
	}
	return g.Wait()
}
