package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/parleychat/parley/api"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/store"
)

// How often what is away at the start is tried again, and how often it is said
// that it still is.
const (
	startPause  = 500 * time.Millisecond
	startRemind = 5 * time.Second
)

// lack is what a start waits for.
type lack struct {
	part   string // of readiness
	reason error  // what everybody may know; the server's log has more
}

var (
	lackOfStore = &lack{"store", errors.New("the database does not answer yet; the server's log says why")}
	lackOfLog   = &lack{"log", errors.New("Kafka does not answer yet; the server's log says why")}
	lackOfSpace = &lack{"disk", errors.New("the disk of the data directory is full; the server goes on as soon as there is space")}
)

// insist calls fn until it works, or fails with what waiting cannot help.
// Meanwhile the server's address answers that it waits, and for what.
func (s *Server) insist(ctx context.Context, fn func() error) error {
	var said time.Time
	for {
		err := fn()
		lack := s.lackIn(err)
		if lack == nil {
			return err
		}
		if err := s.answerWaiting(ctx, lack); err != nil {
			return err
		}
		if time.Since(said) >= startRemind && ctx.Err() == nil {
			said = time.Now()
			s.logger.WarnContext(ctx, "waiting for the "+lack.what(), slog.Any("error", err), slog.String("url", s.URL()))
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(startPause):
		}
	}
}

func (l *lack) what() string {
	switch l {
	case lackOfSpace:
		return "disk to have space"
	case lackOfLog:
		return "brokers of Kafka"
	}
	return "database"
}

// lackIn is what a step of the start failed for that may come by itself, nil
// for everything else. A database that is a file here does not come.
func (s *Server) lackIn(err error) *lack {
	switch {
	case err == nil || errors.Is(err, store.ErrUnfit):
		return nil
	case s.isFull(err):
		return lackOfSpace
	case errors.Is(err, eventlog.ErrAway):
		return lackOfLog
	case s.cfg.DB != "" && store.IsOutage(err):
		return lackOfStore
	}
	return nil
}

// isFull reports whether something failed because the disk is full. SQLite says
// so in several ways.
func (s *Server) isFull(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, eventlog.ErrFull) {
		return true
	}
	free, known := freeBytes(s.data.path)
	return known && free < fullBelow && store.IsOutage(err)
}

// fullBelow is how many free bytes are none: the index of a write-ahead log
// takes 32 KiB at once.
const fullBelow = 256 << 10

// lacking is what a start waits for now, and since when.
type lacking struct {
	*lack
	since time.Time
}

// waiting answers on the server's address while the server cannot yet.
type waiting struct {
	http     *http.Server
	listener lent
	lack     atomic.Pointer[lacking]
	ended    chan struct{}
}

// answerWaiting makes the address answer that the start waits. It fails when
// there can be no address.
func (s *Server) answerWaiting(ctx context.Context, lack *lack) error {
	if s.waiting != nil {
		s.waiting.waitFor(lack)
		return nil
	}
	if s.listener == nil {
		if err := s.listen(ctx); err != nil {
			return err
		}
	}
	if tcp, ok := s.listener.(*net.TCPListener); ok {
		s.waiting = startWaiting(tcp, lack)
	}
	return nil
}

// stopWaiting leaves the address to the server, if it answered.
func (s *Server) stopWaiting() {
	if s.waiting != nil {
		s.waiting.stop()
		s.waiting = nil
	}
}

func startWaiting(listener *net.TCPListener, lack *lack) *waiting {
	w := &waiting{listener: lent{listener}, ended: make(chan struct{})}
	w.waitFor(lack)
	w.http = &http.Server{
		Handler: api.Starting(func() []api.Check {
			lack := w.lack.Load()
			return []api.Check{{Name: lack.part, Err: lack.reason, Since: lack.since}}
		}),
		MaxHeaderBytes: maxHeaderBytes,
		ReadTimeout:    headerTime,
		WriteTimeout:   headerTime,
		IdleTimeout:    idleTime,
		ErrorLog:       slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
	go func() {
		defer close(w.ended)
		// It ends by stop, and only then.
		_ = w.http.Serve(w.listener)
	}()
	return w
}

func (w *waiting) waitFor(lack *lack) {
	if now := w.lack.Load(); now == nil || now.lack != lack {
		w.lack.Store(&lacking{lack, time.Now()})
	}
}

// stop ends the answers and leaves the address to the server.
func (w *waiting) stop() {
	_ = w.http.Close()
	<-w.ended
	w.listener.giveBack()
}

// lent is a listener that its owner gets back open: closing it only ends the
// accepting.
type lent struct{ *net.TCPListener }

// Close implements [net.Listener].
func (l lent) Close() error { return l.SetDeadline(time.Unix(0, 1)) }

func (l lent) giveBack() {
	// It fails for a closed one alone.
	_ = l.SetDeadline(time.Time{})
}
