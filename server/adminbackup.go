package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/parleychat/parley/admin"
	"github.com/parleychat/parley/backup"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/store"
)

// BackupRequest asks for a backup.
type BackupRequest struct {
	// Target is the absolute path of a directory, or of a file whose name ends
	// in .tar; nothing has that name yet.
	Target string `json:"target"`
}

// backup writes a backup and tells its manifest.
func (d *desk) backup(ctx context.Context, request BackupRequest, answer *admin.Answer) error {
	if !filepath.IsAbs(request.Target) {
		return fmt.Errorf("the target %q is no absolute path", request.Target)
	}
	log, here := d.log.(*eventlog.SQLite)
	if !here {
		return errForeignDatabase // a log elsewhere has its database elsewhere
	}
	if err := d.settle(ctx); err != nil {
		return fmt.Errorf("backup: wait until everything is stored: %w", err)
	}
	// The log is copied after the store, from its beginning up to where the
	// copy of the store stands.
	d.keepLog.RLock()
	defer d.keepLog.RUnlock()
	manifest, err := backup.Make(ctx, backup.Source{Data: d.data.path, Store: d.store, Log: log, Version: d.version}, request.Target)
	if errors.Is(err, store.ErrNotCopied) {
		return errForeignDatabase
	}
	if err != nil {
		return err
	}
	d.logger.InfoContext(ctx, "backup made", slog.String("target", request.Target),
		slog.Int64("events", manifest.Counts.Events), slog.Int64("bytes", manifest.Bytes()))
	return answer.Tell(manifest)
}

// errForeignDatabase says how to back up what is not in the data directory.
// Records behind the dump are left out on purpose: they may speak of rooms and
// people that the dump does not have.
var errForeignDatabase = errors.New(`the database is on a server of its own (--db), and parley backup copies only what lies in the data directory. Do this instead:
  1. Dump the database in one transaction: mysqldump --single-transaction, or mariadb-dump.
  2. Copy jwt.key of the data directory.
The log need not be copied. To restore: load the dump into an empty database, put jwt.key into an empty data directory, and start once with --accept-new-epoch: rooms number on from the dump, and clients that saw more start over with their room`)

// Restore makes the data directory of a backup: a directory or a tar file. The
// data directory is made, or is empty. It is locked meanwhile.
func Restore(ctx context.Context, source string, cfg Config) (_ *backup.Manifest, err error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.DB != "" {
		return nil, errForeignDatabase
	}
	made, err := isEmptyDir(cfg.Data)
	if err != nil {
		return nil, err
	}
	data, err := openDataDir(cfg.Data, cfg.Logger)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(data.file(lockFile)))
		}
		err = errors.Join(err, data.close())
		if err != nil && made {
			err = errors.Join(err, os.Remove(data.path))
		}
	}()
	// Somebody may have come first.
	if _, err := isEmptyDir(cfg.Data); err != nil {
		return nil, err
	}
	return backup.Restore(ctx, source, data.path)
}

// isEmptyDir refuses a directory with anything in it but a lock. absent: there
// is none.
func isEmptyDir(path string) (absent bool, err error) {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("data directory: %w", err)
	}
	for _, entry := range entries {
		if entry.Name() != lockFile {
			return false, fmt.Errorf("%s is not empty, it has %s: a restore overwrites nothing. Name a new directory with --data, or move the old one away", path, entry.Name())
		}
	}
	return false, nil
}
