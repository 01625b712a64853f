package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleychat/parley/admin"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/store"
)

// desk is what an operator's commands work on: the data of a directory that
// this process has locked, with or without a server that serves them. Each
// command is a method in a file of its own, admin*.go, and a line in commands.
type desk struct {
	data    *dataDir
	store   *store.Store
	log     nodeLog
	logger  *slog.Logger
	version string
	// keepLog is held shared by whoever needs the log as long as it is; then
	// nothing is trimmed.
	keepLog *sync.RWMutex
	// server is the running server, nil when there is none.
	server *Server
}

func (d *desk) commands() admin.Commands {
	commands := admin.Commands{
		"backup": admin.Typed(d.backup),
		"status": admin.Typed(d.status),
		"tail":   admin.Typed(d.tail),
		"verify": admin.Typed(d.verify),
	}
	maps.Copy(commands, d.userCommands())
	maps.Copy(commands, d.roomCommands())
	return commands
}

// openAdmin makes the socket for the operator's commands. A file system
// without sockets is no reason not to serve people.
func (s *Server) openAdmin() {
	if s.seams.Listener != nil {
		return // the time of such a server stands still while it waits for the world
	}
	desk := &desk{
		data: s.data, store: s.store, log: s.log, logger: s.logger, version: s.cfg.Version,
		keepLog: &s.trimmer.pause, server: s,
	}
	var err error
	if s.admin, err = admin.Listen(s.data.path, desk.commands(), s.cfg.Version, s.logger); err != nil {
		s.logger.Warn("the operator's commands cannot reach this server while it runs", slog.Any("error", err))
	}
}

// operate answers the operator's commands until ctx ends. If it cannot, the
// server goes on.
func (s *Server) operate(ctx context.Context) error {
	if s.admin == nil {
		return nil
	}
	if err := s.admin.Run(ctx); err != nil {
		s.logger.ErrorContext(ctx, "the operator's commands cannot reach this server any more", slog.Any("error", err))
	}
	return nil
}

// Operator gives commands on the data of a server, whether it runs or not.
type Operator struct {
	admin.Caller
	// Running says that a server runs and answers itself.
	Running bool
	close   func() error
}

// Close lets go of what [Operate] has opened.
func (o *Operator) Close() error { return o.close() }

// Operate finds the server that runs in cfg.Data. When there is none it takes
// the directory's lock and opens log and store itself, so that no server can
// start meanwhile. It makes nothing that is not there, and upgrades nothing.
func Operate(ctx context.Context, cfg Config) (*Operator, error) {
	client, err := admin.Dial(ctx, cfg.Data)
	if err == nil {
		return &Operator{Caller: client, Running: true, close: func() error { client.Close(); return nil }}, nil
	}
	if !errors.Is(err, admin.ErrNoServer) {
		return nil, err
	}
	return operateAlone(ctx, cfg)
}

func operateAlone(ctx context.Context, cfg Config) (_ *Operator, err error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg, err = cfg.withSecrets(ctx); err != nil {
		return nil, err
	}
	if err := dataIsThere(ctx, cfg); err != nil {
		return nil, err
	}
	d := &desk{logger: cfg.Logger, version: cfg.Version, keepLog: new(sync.RWMutex)}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.data, err = openDataDir(cfg.Data, cfg.Logger); err != nil {
		return nil, fmt.Errorf("no server answers there, and %w", err)
	}
	if d.store, d.log, err = openStores(ctx, d.data, cfg); err != nil {
		return nil, err
	}
	return &Operator{Caller: d.commands(), close: d.close}, nil
}

// dataIsThere refuses a directory that no server of this version has used:
// opening its files would make or upgrade them.
func dataIsThere(ctx context.Context, cfg Config) error {
	files := []string{logFile}
	if cfg.DB == "" {
		files = append(files, storeFile)
	}
	for _, name := range files {
		if _, err := os.Stat(filepath.Join(cfg.Data, name)); errors.Is(err, fs.ErrNotExist) && name == storeFile {
			return fmt.Errorf("%s has no %s: name the server's data directory with --data, and its database, if it has one elsewhere, with --db", cfg.Data, name)
		} else if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("no server has ever run in %s: it has no %s. Name the server's data directory with --data", cfg.Data, name)
		} else if err != nil {
			return fmt.Errorf("look into the data directory: %w; run this as the user that the server runs as", err)
		}
	}
	versions, err := fileVersions(ctx, cfg)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if v.found < v.known {
			return fmt.Errorf("%s was written by an older Parley (its version is %d, of this program %d): start the server of this version once, which upgrades it, or use the parley that wrote it",
				v.file, v.found, v.known)
		}
	}
	return nil
}

// fileVersion is the version of one file's form, and the latest that this
// program knows.
type fileVersion struct {
	file         string
	found, known int64
}

// fileVersions looks into the files without changing them.
func fileVersions(ctx context.Context, cfg Config) ([]fileVersion, error) {
	schema, knownSchema, err := store.SchemaVersion(ctx, cfg.storeConfig(cfg.Data))
	if err != nil {
		return nil, err
	}
	format, knownFormat, err := eventlog.SQLiteVersion(filepath.Join(cfg.Data, logFile))
	if err != nil {
		return nil, err
	}
	name := storeFile
	if cfg.DB != "" {
		name = "the database"
	}
	return []fileVersion{{name, schema, knownSchema}, {logFile, int64(format), int64(knownFormat)}}, nil
}

// settle waits until everything that is in the log now is stored. Without a
// server it stores what one that was killed has left.
func (d *desk) settle(ctx context.Context) error {
	if d.server != nil {
		return d.awaitStored(ctx, d.server.recorderStopped)
	}
	if err := belongTogether(ctx, d.store, d.log, false); err != nil {
		return err
	}
	recorder := history.NewRecorder(history.RecorderConfig{Log: d.log, Store: d.store, Logger: d.logger})
	work, stop := context.WithCancel(ctx)
	var stopped atomic.Pointer[error]
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := recorder.Run(work)
		stopped.Store(&err)
	}()
	err := d.awaitStored(ctx, func() error {
		if err := stopped.Load(); err != nil {
			return *err
		}
		return nil
	})
	stop()
	<-ended
	return err
}

// settlePoll is how often awaitStored looks.
const settlePoll = 5 * time.Millisecond

// awaitStored waits until the store has what the log holds now, or stopped says
// why it never will.
func (d *desk) awaitStored(ctx context.Context, stopped func() error) error {
	tick := time.NewTicker(settlePoll)
	defer tick.Stop()
	for partition := range d.log.Partitions() {
		end, err := d.log.End(ctx, partition)
		if err != nil {
			return err
		}
		for {
			next, err := d.store.Watermark(ctx, d.log.Epoch(), partition)
			if err != nil {
				return err
			}
			if next >= end {
				break
			}
			if err := stopped(); err != nil {
				return fmt.Errorf("the log goes up to offset %d and the store to %d only: %w", end, next, err)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

func (d *desk) close() error {
	var errs []error
	if d.log != nil {
		errs = append(errs, d.log.Close())
	}
	if d.store != nil {
		errs = append(errs, d.store.Close())
	}
	if d.data != nil {
		errs = append(errs, d.data.close())
	}
	return errors.Join(errs...)
}
