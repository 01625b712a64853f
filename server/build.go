package server

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/parleychat/parley/api"
	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/gateway"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/reading"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/socketio"
	"github.com/parleychat/parley/store"
)

// build makes the parts, those below first, and ties them together.
func (s *Server) build(ctx context.Context) error {
	if err := s.buildAuth(ctx); err != nil {
		return err
	}
	// Unlike the key of tokens this one can never be changed, and it belongs
	// to the events: it lies beside them.
	var macKey []byte
	err := s.insist(ctx, func() (err error) {
		macKey, err = s.store.Key(ctx, "mac", newKey)
		return err
	})
	if err != nil {
		return err
	}
	s.metrics = newMetrics()
	nodeTag := newNodeTag()
	frames := gateway.Frames{ShowEmail: s.cfg.ShowEmail == ShowEmailToMembers}
	s.buildRooms(nodeTag, macKey, frames)
	if err := s.openRedis(ctx); err != nil {
		return err
	}
	s.buildPresence(macKey)
	s.buildGateway(frames)
	s.trimmer = &trimmer{log: s.log, store: s.store, ours: s.recorder.Owns, keep: s.cfg.LogRetention, now: time.Now, logger: s.logger}
	if err := s.buildSockets(nodeTag); err != nil {
		return err
	}
	s.metrics.registry.MustRegister(nodeNumbers{s})
	return s.buildHTTP()
}

// buildAuth comes behind the opening of the control stream: what is revoked from
// here on is heard there.
func (s *Server) buildAuth(ctx context.Context) error {
	var key []byte
	err := s.insist(ctx, func() (err error) {
		key, err = s.tokenKey(ctx)
		return err
	})
	if err != nil {
		return err
	}
	accounts := auth.Config{
		Store:        s.store,
		Key:          key,
		Registration: auth.Registration(s.cfg.Registration),
		Logger:       s.logger,
		Now:          s.seams.Now,
	}
	if s.control != nil {
		accounts.Announce, accounts.Fresh = s.control.announce, s.fresh
	}
	err = s.insist(ctx, func() (err error) {
		s.auth, err = auth.New(ctx, accounts)
		return err
	})
	if err != nil {
		return err
	}
	if s.control != nil {
		s.control.catchUp = s.auth.CatchUp
	}
	return nil
}

// buildRooms makes those through whom what happens in rooms is written, recorded
// and read.
func (s *Server) buildRooms(nodeTag string, macKey []byte, frames gateway.Frames) {
	log := through[eventlog.Log](s.seams.Log, s.log)
	hub := fanout.Config{
		Log:    timedLog{log, s.metrics.appends, s.metrics.follows},
		Store:  through[fanout.Store](s.seams.HubStore, s.store),
		MACKey: macKey,
		Encode: frames.Event,
		Reset:  frames.Reset,
		Logger: s.logger,
		Now:    s.seams.Now,
	}
	if s.control != nil {
		hub.Node, hub.Fresh, hub.Strangers = nodeTag, s.fresh, s.store.People
		s.control.changed = s.changedElsewhere
	}
	s.hub = fanout.New(hub)
	s.recorder = history.NewRecorder(history.RecorderConfig{
		Log:    log,
		Store:  timedStore{through[history.RecorderStore](s.seams.RecorderStore, s.store), s.metrics.commits, s.metrics.stored},
		Alone:  s.control == nil,
		Stored: s.hub.Stored,
		Alarm:  func(err error) { s.recorderError.Store(&err) },
		Logger: s.logger,
	})
	s.hub.OnAwaited(s.recorder.Hurry)
	s.reader = history.NewReader(s.hub, through[history.ReaderStore](s.seams.ReaderStore, s.store))
	s.rooms = rooms.New(rooms.Config{
		Store:      through[rooms.Store](s.seams.RoomStore, s.store),
		Hub:        s.hub,
		Partitions: s.log.Partitions(),
		Logger:     s.logger,
		Now:        s.seams.Now,
	})
	s.reading = reading.New(reading.Config{Store: s.store, Hub: s.hub, Rooms: s.rooms, Logger: s.logger})
}

// buildGateway makes the one who tells sockets what those below it say.
func (s *Server) buildGateway(frames gateway.Frames) {
	s.limits = limits.NewPeople()
	s.gateway = gateway.New(gateway.Config{
		Auth:     s.auth,
		Hub:      s.hub,
		Reader:   s.reader,
		Rooms:    s.rooms,
		Reading:  s.reading,
		Presence: s.presence,
		Limits:   s.limits,
		Frames:   frames,
		People:   s.store.People,
		Seen:     s.store.Seen,
		Refused:  func(code chat.Code) { s.metrics.refusals[surfaceSocket].add(string(code)) },
		Closed:   s.metrics.closed.add,
		Logger:   s.logger,
		Now:      s.seams.Now,
	})
	s.hub.OnTouch(s.gateway.Touched)
	s.hub.OnRecord(s.gateway.Recorded)
	s.reading.OnChange(s.gateway.ReadChanged)
	s.rooms.OnSettings(s.gateway.SettingsChanged)
	s.rooms.OnDraft(s.gateway.DraftChanged)
}

// maxSocketsPerAddress bounds the connections of one address.
const maxSocketsPerAddress = 10_000

// timeToSignIn is how long a connection may take to say who it is.
const timeToSignIn = 10 * time.Second

func (s *Server) buildSockets(tag string) (err error) {
	prefix := ""
	if s.control != nil {
		address, err := s.advertised()
		if err != nil {
			return err
		}
		s.nodes = newNodes(s.store, store.Node{Tag: tag, ID: s.cfg.NodeID, Address: address, Version: s.cfg.Version}, s.logger)
		prefix = s.nodes.self.Tag + tagEnd
	}
	s.sockets, err = socketio.New(socketio.Config{
		SessionIDPrefix: prefix,
		ConnectTimeout:  timeToSignIn,
		OnOverflow:      s.gateway.Overflowed,
		MaxPerAddress:   maxSocketsPerAddress,
		Address:         addressCounted,
		AllowOrigin:     s.allowOrigin(),
		Logger:          s.logger,
	})
	if err != nil {
		return err
	}
	s.gateway.Mount(s.sockets)
	return nil
}

// addressCounted is the address whose connections are counted together: of
// IPv6 the network. Loopback peers are not counted, for behind a proxy that was
// not declared they are everybody.
func addressCounted(r *http.Request) netip.Addr {
	addr := api.RemoteAddr(r)
	switch {
	case addr.IsLoopback():
		return netip.Addr{}
	case addr.Is6():
		return netip.PrefixFrom(addr, 64).Masked().Addr()
	default:
		return addr
	}
}

func (s *Server) allowOrigin() func(string, *http.Request) bool {
	allowed := make(map[string]bool)
	for _, origin := range s.cfg.origins() {
		allowed[origin] = true
	}
	return func(origin string, _ *http.Request) bool { return allowed[origin] }
}
