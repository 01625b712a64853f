package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/parleychat/parley/api"
)

// DrainTime is how long stopping may take. What is not finished then is cut;
// nothing that was acknowledged is lost by it.
const DrainTime = 20 * time.Second

// brokenDrainTime is how long sockets are given when the server cannot go on.
const brokenDrainTime = 2 * time.Second

// Run serves until ctx ends, which is the orderly way and returns nil, or until
// something breaks without which nobody can be served: then it says what. It
// closes the server in either case.
func (s *Server) Run(ctx context.Context) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	broken := make(chan error, 16) // more than there are parts
	var running sync.WaitGroup
	start := func(what string, run func(context.Context) error) {
		running.Go(func() {
			if err := run(work); err != nil && work.Err() == nil {
				broken <- fmt.Errorf("%s: %w", what, err)
			}
		})
	}
	start("log", s.watchLog)
	start("recorder", s.record)
	start("hub", s.hub.Run)
	start("parts", s.watchParts)
	start("presence", s.sharePresence)
	start("gateway", s.gateway.Run)
	start("sessions", s.auth.Run)
	start("revocations", s.pollRevocations)
	start("control stream", s.hear)
	start("list of servers", s.register)
	start("dead servers", s.buryDead)
	start("log retention", s.trimmer.run)
	start("rooms", s.finishRooms)
	start("departures", s.rooms.KeepDeparting)
	start("search for people", s.renewFindKeys)
	start("read marks", s.reading.Run)
	start("memory", s.tidy)
	start("http", s.serve)
	start("operator", s.operate)
	start("admin http", s.serveAdmin)

	var err error
	select {
	case <-ctx.Done():
		s.logger.InfoContext(ctx, "stopping", slog.Int("sockets", s.sockets.NumConns()))
		s.drain(work, DrainTime)
	case err = <-broken:
		s.logger.ErrorContext(ctx, "the server cannot go on", slog.Any("error", err))
		s.drain(work, brokenDrainTime)
	}
	stopWork()
	running.Wait()
	return errors.Join(err, s.Close())
}

// watchLog ends with what made the log impossible to write.
func (s *Server) watchLog(ctx context.Context) error {
	select {
	case err := <-s.log.Fatal():
		return err
	case <-ctx.Done():
		return nil
	}
}

// record lets the recorder run. When it stops for good, or gives a partition up,
// the server goes on: what is said is in the log and reaches everybody who is
// here, only pages and lists grow old. Its alarm turns readiness red.
func (s *Server) record(ctx context.Context) error {
	_ = s.recorder.Run(ctx)
	return nil
}

// recorderStopped says why something is not recorded here any more, nil while
// everything is that falls to this server.
func (s *Server) recorderStopped() error {
	if err := s.recorderError.Load(); err != nil {
		return *err
	}
	return nil
}

// unfinishedLook is how often a server looks for rooms that were begun and left.
const unfinishedLook = 2 * time.Second

// finishRooms finishes rooms that a former process began, the first room of all
// among them, and then those that others have left, until ctx ends. Of several
// servers one does the latter.
func (s *Server) finishRooms(ctx context.Context) error {
	s.finishing(ctx, s.rooms.RollForward)
	s.finishing(ctx, s.rooms.MakeFirst)
	tick := time.NewTicker(unfinishedLook)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if s.nodes == nil || s.nodes.first() {
				s.finishing(ctx, s.rooms.FinishLeft)
				s.finishing(ctx, s.rooms.MakeFirst)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *Server) finishing(ctx context.Context, finish func(context.Context) error) {
	if err := finish(ctx); err != nil && ctx.Err() == nil {
		s.logger.WarnContext(ctx, "rooms that were begun stay unfinished for now", slog.Any("error", err))
	}
}

// renewAgain is when a renewal is tried again that failed.
const renewAgain = 5 * time.Second

// renewFindKeys lets people be found whom a former version has written, once,
// beside everything else. It tries until it can, or ctx ends.
func (s *Server) renewFindKeys(ctx context.Context) error {
	for {
		renewed, err := s.store.RenewFindKeys(ctx)
		switch {
		case err == nil && renewed > 0:
			s.logger.InfoContext(ctx, "people can be found by their names", slog.Int("people", renewed))
		case err != nil && ctx.Err() == nil:
			s.logger.WarnContext(ctx, "not everybody can be found by their name for now", slog.Any("error", err))
		}
		if err == nil {
			return nil
		}
		select {
		case <-time.After(renewAgain):
		case <-ctx.Done():
			return nil
		}
	}
}

// serve answers requests until the server shuts down. It begins when the other
// servers can know of this one, to which they may have to pass requests on.
func (s *Server) serve(ctx context.Context) error {
	if s.nodes != nil {
		select {
		case <-s.nodes.announced:
		case <-ctx.Done():
			return nil
		}
	}
	err := s.http.Serve(s.listener)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// readyPoll is how often AwaitReady looks. The parts tell how they are when
// asked, and nobody else needs to hear of it.
const readyPoll = 10 * time.Millisecond

// AwaitReady waits until every part of a server that runs can do its work.
func (s *Server) AwaitReady(ctx context.Context) error {
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		if !slices.ContainsFunc(s.checks(ctx), func(c api.Check) bool { return c.Err != nil }) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// drain stops in order: sockets, which may still poll, then requests, then the
// recorder, then what people have read. What it could not finish in time is no
// failure: it is in the log, or a read mark.
func (s *Server) drain(ctx context.Context, within time.Duration) {
	s.draining.Store(true)
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	begun := time.Now()
	for _, step := range []struct {
		what string
		run  func(context.Context) error
	}{
		{"sockets", s.gateway.Drain},
		{"connections", s.sockets.Close},
		{"requests", s.stopHTTP},
		{"recorder", s.drainRecorder},
		{"read marks", s.reading.Flush},
	} {
		if err := step.run(ctx); err != nil {
			s.logger.WarnContext(ctx, "stopping went on before all was done", slog.String("waited for", step.what), slog.Any("error", err))
		}
	}
	s.logger.InfoContext(ctx, "stopped", slog.Duration("took", time.Since(begun)))
}

// stopHTTP lets requests under way finish, and cuts those that do not.
func (s *Server) stopHTTP(ctx context.Context) error {
	s.silent.close()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	return err
}

// drainRecorder lets the recorder reach the log's end, if it can still record.
func (s *Server) drainRecorder(ctx context.Context) error {
	if s.recorderError.Load() != nil {
		return nil
	}
	return s.recorder.Drain(ctx)
}

// Close gives back what the server holds. It is for a server that never ran,
// or whose Run has returned; a second call does nothing.
func (s *Server) Close() error {
	s.closing.Do(func() {
		var errs []error
		if s.listener != nil {
			// Serve may have closed it.
			_ = s.listener.Close()
		}
		errs = append(errs, s.closeAdmin())
		if s.admin != nil {
			errs = append(errs, s.admin.Close())
		}
		errs = append(errs, s.control.close())
		if s.redis != nil {
			s.redis.Close()
		}
		if s.log != nil {
			errs = append(errs, s.log.Close())
		}
		if s.store != nil {
			errs = append(errs, s.store.Close())
		}
		if s.data != nil {
			errs = append(errs, s.data.close())
		}
		s.closeErr = errors.Join(errs...)
	})
	return s.closeErr
}
