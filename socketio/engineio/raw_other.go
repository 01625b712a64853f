//go:build !unix

package engineio

import (
	"net"
	"syscall"
)

// Without non-blocking descriptors every connection is written to by waiting,
// on a goroutine that runs while something is queued.
func rawConn(net.Conn) syscall.RawConn { return nil }

// rawWrite, rawRead and writeDirect are never reached where rawConn gives nil.
type rawWrite struct {
	batch
	wait bool
}

var rawWrites rawWritePool

type rawWritePool struct{}

func (rawWritePool) Get() any { return new(rawWrite) }

func (op *rawWrite) recycle()          {}
func (op *rawWrite) run(*wsConn) error { return syscall.ENOSYS }

func rawRead(uintptr, []byte) (int, error, bool) { return 0, syscall.ENOSYS, true }

func writeDirect(int, []byte) (int, error) { return 0, syscall.ENOSYS }
