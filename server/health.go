package server

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parleychat/parley/api"
)

const (
	// partTime is how long the parts may take to show that they can do their
	// work: who asks /readyz has little patience.
	partTime = 3 * time.Second
	// healthEvery is how often the parts are asked while nobody else asks.
	healthEvery = 5 * time.Second
)

// health remembers since when something is wrong with each part. Who asks
// whether the server is ready makes it look, and it looks by itself from time to
// time, so that the metrics know without asking anybody.
type health struct {
	logger *slog.Logger

	mu    sync.Mutex
	parts map[string]partHealth
}

// partHealth is how one part has been.
type partHealth struct {
	since time.Time // when it began to be wrong, zero: it is not
	well  bool      // it was well once
	told  bool      // the log tells that it is wrong
}

func newHealth(logger *slog.Logger) *health {
	return &health{logger: logger, parts: make(map[string]partHealth)}
}

// note takes note of what was found, says in the log what has changed, and
// writes into the checks since when they are so. A part that has not begun yet
// is told of when it does not come: every start has a moment before.
func (h *health) note(ctx context.Context, checks []api.Check) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range checks {
		check := &checks[i]
		part := h.parts[check.Name]
		if !check.Wrong() {
			if part.told {
				h.logger.InfoContext(ctx, "a part is well again", slog.String("part", check.Name), slog.Duration("after", time.Since(part.since)))
			}
			h.parts[check.Name] = partHealth{well: true}
			check.Since = time.Time{}
			continue
		}
		if part.since.IsZero() {
			part.since = time.Now()
		}
		if !part.told && (part.well || time.Since(part.since) >= healthEvery) {
			part.told = true
			h.tell(ctx, check)
		}
		h.parts[check.Name] = part
		check.Since = part.since
	}
}

func (h *health) tell(ctx context.Context, check *api.Check) {
	attrs := []slog.Attr{slog.String("part", check.Name), slog.String("tells", check.Text())}
	if check.Cause != nil {
		attrs = append(attrs, slog.Any("error", check.Cause))
	}
	h.logger.LogAttrs(ctx, slog.LevelWarn, "something is wrong with a part", attrs...)
}

// each calls fn with what is known of every part.
func (h *health) each(fn func(part string, since time.Time)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, part := range h.parts {
		fn(name, part.since)
	}
}

// watchParts looks after the parts until ctx ends. It returns nil.
func (s *Server) watchParts(ctx context.Context) error {
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	for {
		s.checks(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// checks tells of each part whether it can do its work, in words for
// everybody: what is wrong in detail is in the log.
func (s *Server) checks(ctx context.Context) []api.Check {
	asking, cancel := context.WithTimeout(ctx, partTime)
	defer cancel()
	var parts sync.WaitGroup
	var stored, logged api.Check
	parts.Go(func() { stored = s.storeCheck(asking) })
	parts.Go(func() { logged = s.logCheck(asking) })
	parts.Wait()
	checks := []api.Check{
		stored,
		logged,
		{Name: "recorder", Err: s.recorderReady()},
		{Name: "hub", Err: s.hub.Ready()},
		s.presenceCheck(),
		{Name: "server", Err: s.notStopping()},
	}
	if s.control != nil {
		checks = append(checks, api.Check{Name: "cluster", Err: s.clusterReady(), Note: s.nodes.String()})
	}
	if ctx.Err() == nil { // else nobody was given the time to answer
		s.health.note(ctx, checks)
	}
	return checks
}

func (s *Server) storeCheck(ctx context.Context) api.Check {
	check := api.Check{Name: "store"}
	if check.Cause = s.store.Ping(ctx); check.Cause != nil {
		check.Err = errors.New("the database does not answer")
	}
	return check
}

func (s *Server) logCheck(ctx context.Context) api.Check {
	check := api.Check{Name: "log"}
	asking, ctx := errgroup.WithContext(ctx)
	for partition := range s.log.Partitions() {
		asking.Go(func() error {
			_, err := s.log.End(ctx, partition)
			return err
		})
	}
	if check.Cause = asking.Wait(); check.Cause != nil {
		check.Err = errors.New("the log does not answer")
	}
	return check
}

func (s *Server) recorderReady() error {
	if s.recorderStopped() != nil {
		return errors.New("the recorder has stopped, at least for a part of the log; the server's log says why")
	}
	return nil
}

func (s *Server) notStopping() error {
	if s.draining.Load() {
		return errors.New("the server is stopping")
	}
	return nil
}
