//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// started is how a server came up. Times count from before its process was made.
type started struct {
	accepted time.Duration // the first connection
	ready    time.Duration // until it serves
	program  int64         // bytes of the file that was started
}

// measureStart starts a server twice: the first time it may have to make its
// data, the second is measured.
func measureStart(ctx context.Context, s server, _ workload) (result, error) {
	first, err := s.start(ctx)
	if err != nil {
		return result{}, err
	}
	if err := first.stop(); err != nil {
		return result{}, err
	}
	r, err := s.start(ctx)
	if err != nil {
		return result{}, err
	}
	defer r.stop()
	program, err := os.Stat(r.cmd.Path)
	if err != nil {
		return result{}, fmt.Errorf("size of the program: %w", err)
	}
	return result{start: started{accepted: r.accepted, ready: r.ready, program: program.Size()}}, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
