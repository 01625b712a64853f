package store

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// unanswered is how long what was sent may stay without a sign that it arrived.
// The kernel's own limit is a quarter of an hour.
const unanswered = 30 * time.Second

func limitUnanswered(_, _ string, conn syscall.RawConn) error {
	var failure error
	err := conn.Control(func(fd uintptr) {
		failure = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unanswered.Milliseconds()))
	})
	if err != nil {
		return err
	}
	return failure
}
