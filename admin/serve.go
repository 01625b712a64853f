package admin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// Protocol is the version of what is spoken on the socket.
const Protocol = 1

// Names of headers and trailers.
const (
	protocolHeader = "Parley-Admin"
	doneTrailer    = "Parley-Done"
	errorTrailer   = "Parley-Error"
)

// maxRequest bounds a request, in bytes.
const maxRequest = 1 << 20

// maxErrorBytes bounds what a trailer says: what is longer would not be read
// as a header.
const maxErrorBytes = 16 << 10

// Server answers commands on the socket.
type Server struct {
	path     string
	listener net.Listener
	commands Commands
	version  string
	logger   *slog.Logger
	http     *http.Server

	mu      sync.Mutex
	ended   bool           // no more requests
	running sync.WaitGroup // requests under way; none is added once ended is true

	closing  sync.Once
	closeErr error
}

// Listen makes the socket in the data directory dir, which this process has
// locked: one that is there already was left by a process that is no more, and
// is replaced. Nobody is answered before Run.
func Listen(dir string, commands Commands, version string, logger *slog.Logger) (*Server, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	s := &Server{path: filepath.Join(dir, SocketName), commands: commands, version: version, logger: logger}
	if s.listener, err = listen(dir); err != nil {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn)}
	return s, nil
}

// listen makes the socket under another name first, so that it has its mode
// from the moment on at which it can be found.
func listen(dir string) (net.Listener, error) {
	const fresh = SocketName + ".new"
	path := filepath.Join(dir, fresh)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var listener *net.UnixListener
	err := withAddress(dir, fresh, func(address string) (err error) {
		listener, err = net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false)
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close(), os.Remove(path))
	}
	if err := os.Rename(path, filepath.Join(dir, SocketName)); err != nil {
		return nil, errors.Join(err, listener.Close(), os.Remove(path))
	}
	return listener, nil
}

// Run answers until ctx ends. It returns when every command has ended, nil
// unless the socket breaks.
func (s *Server) Run(ctx context.Context) error {
	s.http.BaseContext = func(net.Listener) context.Context { return ctx }
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	err := s.http.Serve(s.listener)
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.running.Wait()
	if ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) {
		return s.Close()
	}
	return errors.Join(fmt.Errorf("admin socket: %w", err), s.Close())
}

// Close removes the socket and cuts whoever is being answered. A second call
// does nothing.
func (s *Server) Close() error {
	s.closing.Do(func() {
		err := os.Remove(s.path)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		failure := errors.Join(err, s.http.Close())
		// Serve, if it ran, has closed it.
		if err := s.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			failure = errors.Join(failure, err)
		}
		s.closeErr = failure
	})
	return s.closeErr
}

// about is what GET / answers.
type about struct {
	Protocol int      `json:"protocol"`
	Version  string   `json:"version"`
	Pid      int      `json:"pid"`
	Commands []string `json:"commands"`
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		answer := answerTo(w)
		if answer.Tell(about{Protocol, s.version, os.Getpid(), s.commands.Names()}) == nil {
			_ = answer.Flush() // whoever asked has gone
		}
	})
	for name, command := range s.commands {
		mux.HandleFunc("POST /v1/"+name, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, name, command) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.begin() {
			http.Error(w, "the server is stopping", http.StatusServiceUnavailable)
			return
		}
		defer s.running.Done()
		w.Header().Set(protocolHeader, strconv.Itoa(Protocol))
		mux.ServeHTTP(w, r)
	})
}

// begin counts a request in, unless Run has ended.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.running.Add(1)
	}
	return !s.ended
}

// answer runs a command. How it ended is in the trailers, for it may fail in
// the middle of what it tells.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, name string, command Command) {
	request, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return // whoever asked has gone, or is none of ours
	}
	w.Header().Set("Trailer", doneTrailer+", "+errorTrailer)
	answer := answerTo(w)
	err = command(r.Context(), request, answer)
	if err == nil {
		err = answer.Flush()
	} else {
		_ = answer.Flush() // the command's error says more
	}
	if err != nil {
		if r.Context().Err() != nil {
			return // nobody listens any more, or the server stops: an answer without an end
		}
		s.logger.WarnContext(r.Context(), "an operator's command failed", slog.String("command", name), slog.Any("error", err))
		text := err.Error()
		w.Header().Set(errorTrailer, strconv.QuoteToASCII(text[:min(len(text), maxErrorBytes)]))
		return
	}
	w.Header().Set(doneTrailer, "1")
}

// answerTo writes lines to a response.
func answerTo(w http.ResponseWriter) *Answer {
	buffered := bufio.NewWriterSize(w, 32<<10)
	control := http.NewResponseController(w)
	return &Answer{
		line: func(text []byte) error {
			_, err := buffered.Write(text)
			return errors.Join(err, buffered.WriteByte('\n'))
		},
		flush: func() error { return errors.Join(buffered.Flush(), control.Flush()) },
	}
}
