//go:build unix

package engineio

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
)

// rawConn returns the descriptor of a connection that can be read and written
// without waiting: TCP and Unix sockets. What wraps them (TLS, a listener's own
// type) gives nil, because going around the wrapper would be wrong.
func rawConn(conn net.Conn) syscall.RawConn {
	switch conn.(type) {
	case *net.TCPConn, *net.UnixConn:
	default:
		return nil
	}
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// rawWrite is one write without waiting, or with wait set one that waits until
// it could write something. It is pooled together with the function that
// RawConn needs, so that a write allocates nothing.
type rawWrite struct {
	batch
	wait bool
	err  error
	try  func(fd uintptr) bool
}

var rawWrites = sync.Pool{New: func() any {
	op := new(rawWrite)
	op.try = op.attempt
	return op
}}

func (op *rawWrite) recycle() {
	op.batch, op.err = batch{}, nil
	rawWrites.Put(op)
}

func (op *rawWrite) run(ws *wsConn) error {
	op.err = nil
	if err := ws.raw.Write(op.try); err != nil {
		return err
	}
	return op.err
}

// attempt writes until everything is written or the kernel takes no more. It
// returns false, which makes RawConn wait and call again, only if asked to wait
// and nothing could be written at all.
func (op *rawWrite) attempt(fd uintptr) bool {
	var buf *[coalesceSize]byte
	get := func() *[coalesceSize]byte {
		if buf == nil {
			buf = coalesceBuffers.Get().(*[coalesceSize]byte)
		}
		return buf
	}
	progress := false
	for len(op.frames) > 0 && op.err == nil {
		chunk := op.next(get)
		n, err := syscall.Write(int(fd), chunk)
		switch {
		case err == nil:
			op.wrote(n)
			progress = true
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
		default:
			op.err = err
		}
		if n < len(chunk) {
			break // the kernel's buffer is full
		}
	}
	if buf != nil {
		coalesceBuffers.Put(buf)
	}
	return progress || op.err != nil || !op.wait || len(op.frames) == 0
}

// rawRead reads what there is into buf, without waiting. ok is false when there
// is nothing yet.
func rawRead(fd uintptr, buf []byte) (n int, err error, ok bool) {
	for {
		n, err = syscall.Read(int(fd), buf)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			return 0, nil, false
		case err != nil:
			return 0, err, true
		case n == 0:
			return 0, io.EOF, true
		}
		return n, nil, true
	}
}
