package reading

import (
	"context"
	"log/slog"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// WriteEvery is how often marks that were moved are written.
const WriteEvery = 2 * time.Second

// writeAtOnce is how many marks one transaction writes.
const writeAtOnce = 500

// Run writes marks until ctx ends. What is left then is for [Service.Flush].
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(WriteEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := s.Flush(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			s.cfg.Logger.WarnContext(ctx, "read marks wait to be written", slog.Any("error", err))
		}
		failing = err != nil
	}
}

// Flush writes all marks that wait for it. Those that could not be written wait
// on.
func (s *Service) Flush(ctx context.Context) error {
	return s.write(ctx, s.waiting(everybody))
}

// everybody is no person's id.
const everybody chat.UserID = 0

// waiting are the marks of a person that wait to be written.
func (s *Service) waiting(user chat.UserID) (marks []store.OwnMark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for owner, rooms := range s.moved {
		if user != everybody && user != owner {
			continue
		}
		for room, mark := range rooms {
			marks = append(marks, store.OwnMark{User: owner, Room: room, ReadMark: mark})
		}
	}
	return marks
}

// write writes marks. One that has moved on meanwhile waits on.
func (s *Service) write(ctx context.Context, marks []store.OwnMark) error {
	for len(marks) > 0 {
		part := marks[:min(len(marks), writeAtOnce)]
		marks = marks[len(part):]
		if err := s.cfg.Store.MoveMarks(ctx, part); err != nil {
			return err
		}
		s.mu.Lock()
		for _, m := range part {
			if s.moved[m.User][m.Room] == m.ReadMark {
				delete(s.moved[m.User], m.Room)
				if len(s.moved[m.User]) == 0 {
					delete(s.moved, m.User)
				}
			}
		}
		s.mu.Unlock()
	}
	return nil
}
