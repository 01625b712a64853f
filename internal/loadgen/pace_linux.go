package loadgen

import (
	"syscall"
	"time"
)

// pause sleeps in the kernel, which wakes up within some 60 µs: the Go
// runtime's timers round up to a millisecond when nothing else runs.
func pause(d time.Duration) {
	ts := syscall.NsecToTimespec(int64(d))
	syscall.Nanosleep(&ts, nil)
}
