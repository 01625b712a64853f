package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/parleychat/parley/api"
	"github.com/parleychat/parley/store"
)

// How often a database that is away at the start is asked, and how often it is
// said that it still is.
const (
	storePause  = 500 * time.Millisecond
	storeRemind = 5 * time.Second
)

// insist calls fn until the database answers, be it with an error that waiting
// cannot help. A database that is a file here is not waited for.
func (s *Server) insist(ctx context.Context, fn func() error) error {
	var said time.Time
	for {
		err := fn()
		if err == nil || s.cfg.DB == "" || !store.IsOutage(err) || errors.Is(err, store.ErrUnfit) {
			return err
		}
		if time.Since(said) >= storeRemind && ctx.Err() == nil {
			said = time.Now()
			s.logger.WarnContext(ctx, "waiting for the database", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(storePause):
		}
	}
}

// waiting answers on the server's address while the server cannot yet.
type waiting struct {
	http     *http.Server
	listener lent
	ended    chan struct{}
}

// errWaiting is what everybody may know; the server's log has the reason.
var errWaiting = errors.New("the database does not answer yet; the server's log says why")

func answerWaiting(listener *net.TCPListener) *waiting {
	w := &waiting{
		listener: lent{listener},
		http: &http.Server{
			Handler: api.Starting(func() []api.Check {
				return []api.Check{{Name: "store", Err: errWaiting}}
			}),
			MaxHeaderBytes: maxHeaderBytes,
			ReadTimeout:    headerTime,
			WriteTimeout:   headerTime,
			IdleTimeout:    idleTime,
			ErrorLog:       slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
		},
		ended: make(chan struct{}),
	}
	go func() {
		defer close(w.ended)
		// It ends by stop, and only then.
		_ = w.http.Serve(w.listener)
	}()
	return w
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
