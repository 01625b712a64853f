package loadgen

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// newReaders gives plain connections to one epoll loop per core: a goroutine
// woken for each delivery costs the generator more than the delivery itself,
// and the server shares the machine.
func newReaders(r *run) (readers, error) {
	if r.url.Scheme == "https" {
		return &goReaders{clock: r.clock, counted: &r.counted, ended: r.ended}, nil
	}
	e := &epollReaders{ended: r.ended}
	for range runtime.GOMAXPROCS(0) {
		l, err := newEpollLoop(r.clock, r.capacity(), r.ended)
		if err != nil {
			e.close()
			return nil, err
		}
		e.loops = append(e.loops, l)
		e.wait.Go(l.run)
	}
	return e, nil
}

// epollReaders spread the sockets over loops by their number.
type epollReaders struct {
	loops []*epollLoop
	ended func(*socket, error)
	wait  sync.WaitGroup
}

var _ readers = (*epollReaders)(nil)

// add takes the descriptor out of the Go runtime's poller, which would wake up
// for each delivery beside ours.
func (e *epollReaders) add(conn net.Conn, s *socket) error {
	defer conn.Close()
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return fmt.Errorf("loadgen: %T is no plain TCP connection", conn)
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return fmt.Errorf("loadgen: %w", err)
	}
	var fd int
	var dupErr error
	err = raw.Control(func(old uintptr) {
		fd, dupErr = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err := errors.Join(err, dupErr); err != nil {
		return fmt.Errorf("loadgen: take over socket %d: %w", s.number, err)
	}
	s.wire = &fdWire{fd: fd}
	return e.loops[s.number%len(e.loops)].add(s, fd)
}

func (e *epollReaders) tallies() []*tally {
	var all []*tally
	for _, l := range e.loops {
		all = append(all, &l.tally)
	}
	return all
}

func (e *epollReaders) close() {
	for _, l := range e.loops {
		l.stop()
	}
	e.wait.Wait()
	for _, l := range e.loops {
		l.release()
	}
}

// epollLoop reads its sockets, level-triggered, one read for each that is ready.
type epollLoop struct {
	clock clock
	ended func(*socket, error)
	tally tally
	epoll int
	wake  [2]int // a pipe: reading end in epoll, a byte in it ends the loop

	sockets []atomic.Pointer[socket] // by number
	buf     []byte                   // used by run only
}

// stopMark stands in an epoll event where a socket's number does otherwise.
const stopMark = -1

func newEpollLoop(c clock, sockets int, ended func(*socket, error)) (*epollLoop, error) {
	l := &epollLoop{
		clock: c, ended: ended,
		sockets: make([]atomic.Pointer[socket], sockets),
		buf:     make([]byte, 256<<10),
	}
	var err error
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("loadgen: epoll: %w", err)
	}
	if err := unix.Pipe2(l.wake[:], unix.O_CLOEXEC); err != nil {
		unix.Close(l.epoll)
		return nil, fmt.Errorf("loadgen: pipe: %w", err)
	}
	if err := l.watch(l.wake[0], stopMark); err != nil {
		l.release()
		return nil, err
	}
	return l, nil
}

func (l *epollLoop) watch(fd, mark int) error {
	ev := syscall.EpollEvent{Events: unix.EPOLLIN, Fd: int32(mark)}
	if err := syscall.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		return fmt.Errorf("loadgen: epoll add: %w", err)
	}
	return nil
}

func (l *epollLoop) add(s *socket, fd int) error {
	l.sockets[s.number].Store(s)
	return l.watch(fd, s.number)
}

func (l *epollLoop) run() {
	events := make([]syscall.EpollEvent, 512)
	for {
		n, err := syscall.EpollWait(l.epoll, events, -1)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			panic(fmt.Sprintf("loadgen: epoll wait: %v", err)) // only a descriptor that is none
		}
		for _, ev := range events[:n] {
			if ev.Fd == stopMark {
				return
			}
			s := l.sockets[ev.Fd].Load()
			if err := l.read(s); err != nil {
				s.wire.Close()
				l.ended(s, err)
			}
		}
	}
}

// read takes one buffer full from a socket that is ready. What a socket has
// kept of an unfinished frame is put in front of it.
func (l *epollLoop) read(s *socket) error {
	if len(s.rest) > len(l.buf)/2 {
		l.buf = make([]byte, 2*len(l.buf))
	}
	kept := copy(l.buf, s.rest)
	n, err := s.wire.(*fdWire).read(l.buf[kept:])
	if err == syscall.EAGAIN || err == syscall.EINTR {
		return nil
	}
	if err != nil {
		return err
	}
	if n == 0 {
		return errCut
	}
	b := l.buf[:kept+n]
	used, err := s.take(b, l.clock.now(), &l.tally)
	s.rest = append(s.rest[:0], b[used:]...)
	return err
}

func (l *epollLoop) stop() { unix.Write(l.wake[1], []byte{0}) }

// release closes what the loop holds, after it has ended.
func (l *epollLoop) release() {
	for i := range l.sockets {
		if s := l.sockets[i].Load(); s != nil {
			s.wire.Close()
		}
	}
	unix.Close(l.epoll)
	unix.Close(l.wake[0])
	unix.Close(l.wake[1])
}

// writeTimeout is how long a full socket may take nothing at all.
const writeTimeout = 10 * time.Second

// fdWire is a non-blocking socket outside of the runtime's poller. Reading is
// for one goroutine, which is also the only one to close it while others write.
type fdWire struct {
	fd int

	mu     sync.Mutex // frames are written whole; taken last
	closed bool       // guarded by mu
}

func (w *fdWire) read(b []byte) (int, error) { return syscall.Read(w.fd, b) }

// Write waits for a full socket to take all of b. A message planned meanwhile
// is late by that, and its latency counts it.
func (w *fdWire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, net.ErrClosed
	}
	written := 0
	for written < len(b) {
		n, err := syscall.Write(w.fd, b[written:])
		written += max(n, 0)
		if err == syscall.EAGAIN {
			err = w.waitWritable()
		}
		if err != nil && err != syscall.EINTR {
			return written, err
		}
	}
	return written, nil
}

func (w *fdWire) waitWritable() error {
	fds := []unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLOUT}}
	n, err := unix.Poll(fds, int(writeTimeout.Milliseconds()))
	if err == nil && n == 0 {
		return fmt.Errorf("loadgen: socket took nothing for %v", writeTimeout)
	}
	return err
}

func (w *fdWire) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	return unix.Close(w.fd)
}
