//go:build !linux

package loadgen

func newReaders(r *run) (readers, error) {
	return &goReaders{clock: r.clock, counted: &r.counted, ended: r.ended}, nil
}
