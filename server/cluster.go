package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/eventlog"
)

// shared reports whether other servers may work beside this one: then what they
// have to agree on lies in the database, and they tell each other who has lost
// their rights.
func (c *Config) shared() bool { return len(c.Kafka.Brokers) > 0 }

// openEvents opens the stream on which the nodes tell each other things.
func (s *Server) openEvents(ctx context.Context) (*eventlog.Events, error) {
	options, err := s.cfg.Kafka.options(s.cfg.NodeID, s.logger)
	if err != nil {
		return nil, err
	}
	options.Ours = nil
	return eventlog.OpenEvents(ctx, options)
}

// tokenKey is what signs access tokens. A server that is alone has it in its
// data directory. Several have it in the database, where the first of them puts
// it: the one of its data directory, if it has one, so that who is signed in
// stays so. A file that was chosen for it wins over both.
func (s *Server) tokenKey(ctx context.Context) ([]byte, error) {
	if s.cfg.SecretFile != "" {
		return s.givenKey(ctx)
	}
	if !s.cfg.shared() {
		return s.data.key(jwtFile)
	}
	first := newKey
	switch former, err := readKey(s.data.file(jwtFile)); {
	case err == nil:
		first = func() []byte { return former }
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	return s.store.Key(ctx, "token", first)
}

// givenKey is the key of tokens that the operator has chosen.
func (s *Server) givenKey(ctx context.Context) ([]byte, error) {
	text, err := readSecret(ctx, s.cfg.SecretFile, s.logger)
	if err != nil {
		return nil, fmt.Errorf("secret-file: %w", err)
	}
	key, err := decodeKey(text)
	if err != nil {
		return nil, fmt.Errorf("secret-file %s: %w; `openssl rand -hex 32` makes one", s.cfg.SecretFile, err)
	}
	return key, nil
}

// register tells the other servers of this one, until ctx ends.
func (s *Server) register(ctx context.Context) error {
	if s.nodes == nil {
		return nil
	}
	return s.nodes.run(ctx)
}

// fresh reports whether this node knows who has lost their rights.
func (s *Server) fresh() bool { return s.auth.Fresh(s.control.proven()) }

// changedElsewhere makes effective what another node has changed.
func (s *Server) changedElsewhere(ctx context.Context, change auth.Change) {
	s.auth.Changed(change)
	if change.User != 0 {
		s.hub.PersonChanged(ctx, change.User)
		s.gateway.PersonChanged(ctx, change.User)
	}
}

// hear hears what the other nodes tell, until ctx ends.
func (s *Server) hear(ctx context.Context) error {
	if s.control == nil {
		return nil
	}
	return s.control.run(ctx)
}

// pollRevocations asks the store who has lost their rights, until ctx ends.
func (s *Server) pollRevocations(ctx context.Context) error {
	if s.control == nil {
		return nil
	}
	return s.auth.Poll(ctx)
}

func (s *Server) clusterReady() error {
	if !s.fresh() {
		return errors.New("this server has not heard for a while who was signed out; it waits for the database or for Kafka")
	}
	return nil
}
