package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"github.com/parleychat/parley/admin"
	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/gateway"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/presence"
	"github.com/parleychat/parley/reading"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/socketio"
	"github.com/parleychat/parley/store"
)

// Server is one node. Make it with [New], let it serve with [Server.Run], once;
// one that never ran is given back with [Server.Close].
type Server struct {
	cfg    Config
	logger *slog.Logger
	seams  Seams

	data     *dataDir
	store    *store.Store
	log      nodeLog
	control  *control // nil: this server is alone
	nodes    *nodes   // as control
	recorder *history.Recorder
	hub      *fanout.Hub
	reader   *history.Reader
	auth     *auth.Service
	rooms    *rooms.Service
	reading  *reading.Service
	redis    rueidis.Client // nil: there is none
	presence presence.Presence
	shared   *presence.Redis // the presence, if it is shared
	limits   *limits.People
	gateway  *gateway.Gateway
	sockets  *socketio.Server
	trimmer  *trimmer
	admin    *admin.Server // nil when the directory can have no socket
	metrics  *metrics
	health   *health
	tools    *adminHTTP // nil when nobody asked for it
	http     *http.Server
	silent   silent
	listener net.Listener
	waiting  *waiting // only while New waits for something

	begun         time.Time
	draining      atomic.Bool
	recorderError atomic.Pointer[error] // why something is not recorded here any more

	closing  sync.Once
	closeErr error
}

// New opens everything and binds the address, but serves nobody yet. It waits
// for a database elsewhere, and for space on the disk, until ctx ends, with
// /readyz red. What it opened
// before an error is closed again.
func New(ctx context.Context, cfg Config) (*Server, error) {
	return NewWithSeams(ctx, cfg, Seams{})
}

// NewWithSeams is New with something between the parts.
func NewWithSeams(ctx context.Context, cfg Config, seams Seams) (_ *Server, err error) {
	if cfg, err = cfg.withSecrets(ctx); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	s := &Server{cfg: cfg, logger: cfg.Logger, seams: seams, begun: time.Now(), health: newHealth(cfg.Logger)}
	defer s.stopWaiting()
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.data, err = openDataDir(cfg.Data, s.logger); err != nil {
		return nil, err
	}
	if s.cfg.NodeID == "" {
		s.cfg.NodeID = s.data.nodeID()
	}
	if cfg.DB != "" {
		// A database elsewhere may be late, and so may Kafka. Whoever watches
		// this process can ask it in the meantime.
		if err := s.answerWaiting(ctx, lackOfStore); err != nil {
			return nil, err
		}
	}
	if err := s.openStores(ctx); err != nil {
		return nil, err
	}
	if err := s.build(ctx); err != nil {
		return nil, err
	}
	if s.listener == nil {
		err = s.listen(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := s.listenAdmin(ctx); err != nil {
		return nil, err
	}
	s.openAdmin()
	return s, nil
}

func (s *Server) listen(ctx context.Context) (err error) {
	if s.listener, err = s.seams.listen(ctx, s.cfg.Listen); err != nil {
		return fmt.Errorf("listen: %w (another program may use this address; choose one with --listen)", err)
	}
	return nil
}

// newNodeID is the host's name and something random, so that two servers on one
// host differ.
func newNodeID() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "node"
	}
	host = cleanNodeID(host)
	return fmt.Sprintf("%s-%x", host[:min(len(host), maxNodeID-9)], newKey()[:4])
}

func cleanNodeID(host string) string {
	clean := []byte(host)
	for i, b := range clean {
		if (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && (b < '0' || b > '9') && b != '.' && b != '-' && b != '_' {
			clean[i] = '-'
		}
	}
	return string(clean)
}

// openStores opens store and log and makes sure that they belong together.
func (s *Server) openStores(ctx context.Context) error {
	err := s.insist(ctx, func() (err error) {
		s.store, s.log, err = openStores(ctx, s.data, s.cfg)
		return err
	})
	if err != nil {
		return err
	}
	if s.cfg.shared() {
		err := s.insist(ctx, func() (err error) {
			s.control, err = openControl(ctx, s.openEvents, s.logger)
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.insist(ctx, func() error {
		return belongTogether(ctx, s.store, s.log, s.cfg.AcceptNewEpoch)
	})
}

// nodeLog is a log that says when it cannot go on.
type nodeLog interface {
	eventlog.Log
	Fatal() <-chan error
}

// openStores opens the store and the log.
func openStores(ctx context.Context, data *dataDir, cfg Config) (*store.Store, nodeLog, error) {
	db, err := store.Open(ctx, cfg.storeConfig(data.path))
	if err != nil {
		return nil, nil, err
	}
	log, err := openLog(ctx, data, &cfg)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, log, nil
}

// openLog opens the log, in the data directory unless it is on Kafka.
func openLog(ctx context.Context, data *dataDir, cfg *Config) (nodeLog, error) {
	if len(cfg.Kafka.Brokers) == 0 {
		return eventlog.OpenSQLite(data.file(logFile), eventlog.SQLiteOptions{})
	}
	options, err := cfg.Kafka.options(cfg.NodeID, cfg.Logger)
	if err != nil {
		return nil, err
	}
	return eventlog.OpenKafka(ctx, options)
}

// setupLink is where the first owner is made. The token stands behind #, which
// browsers send to nobody.
const setupLink = "/setup#token="

// OfferSetup makes a link for whoever is to own the server. It is "" when
// somebody does. Nobody but the caller knows it; it is good until it is used,
// beside those of former starts.
func (s *Server) OfferSetup(ctx context.Context) (link string, err error) {
	token, offered, err := s.auth.OfferSetup(ctx)
	if err != nil || !offered {
		return "", err
	}
	base := s.URL()
	if s.cfg.PublicURL != "" {
		base = strings.TrimRight(s.cfg.PublicURL, "/")
	}
	return base + setupLink + token, nil
}

// Addr is the address that the server listens on, with the port it was given
// when it asked for any.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// URL is where people of this machine reach the server.
func (s *Server) URL() string {
	addr := s.listener.Addr().(*net.TCPAddr)
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(addr.Port))
}
