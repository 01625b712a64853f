package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/parleychat/parley/admin"
	"github.com/parleychat/parley/backup"
	"github.com/parleychat/parley/server"
)

type backupCommand struct {
	place
	Target string `arg:"" help:"New directory, or new file whose name ends in .tar. While a server runs it is the server that writes it."`
	JSON   bool   `help:"Print the backup's manifest."`
}

// Help is shown by --help.
func (backupCommand) Help() string {
	return `The backup has everything that was acknowledged before the command began. People may go on writing meanwhile. It appears under its name when it is whole and on the disk; after a failure or Ctrl-C nothing is left.

Whoever reads a backup reads everything, keys included: keep it where only you can.

Example:
  parley backup "/var/backups/parley-$(date +%F).tar"`
}

// Run makes a backup.
func (c *backupCommand) Run(ctx context.Context, term *terminal) error {
	target, err := filepath.Abs(c.Target)
	if err != nil {
		return err
	}
	return c.operate(ctx, term, func(operator *server.Operator) error {
		var manifest backup.Manifest
		if err := operator.Call(ctx, "backup", server.BackupRequest{Target: target}, admin.Into(&manifest)); err != nil {
			return err
		}
		return tellManifest(term, c.JSON, &manifest, "backup of %s is in "+target)
	})
}

type restoreCommand struct {
	place
	Backup string `arg:"" help:"Directory or tar file that parley backup has made."`
	JSON   bool   `help:"Print the backup's manifest."`
}

// Help is shown by --help.
func (restoreCommand) Help() string {
	return `The data directory must be new or empty; no server runs in it. What was written after the backup is lost: clients that saw it are told to start over with that room, and everything older is as it was. Everybody has to sign in again, because a session that was ended since the backup must not come back.

Example:
  parley restore /var/backups/parley-2026-11-26.tar --data ./parley-data`
}

// Run restores a backup.
func (c *restoreCommand) Run(ctx context.Context, term *terminal) error {
	keepPrivate()
	cfg := server.Default()
	cfg.Data, cfg.DB, cfg.Version, cfg.Logger = c.Data, c.DB, version, operatorLogger(term)
	manifest, err := server.Restore(ctx, c.Backup, cfg)
	if err != nil {
		return err
	}
	return tellManifest(term, c.JSON, manifest, "%s restored to "+c.Data+"; everybody has to sign in again")
}

func tellManifest(term *terminal, asJSON bool, m *backup.Manifest, sentence string) error {
	if asJSON {
		encoder := json.NewEncoder(term.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(m)
	}
	what := fmt.Sprintf("%d events in %d rooms and %d accounts as of %s (%.1f MiB, the log up to offset %d)",
		m.Counts.Events, m.Counts.Rooms, m.Counts.Users,
		m.CreatedAt.Format("2006-01-02 15:04:05 MST"), float64(m.Bytes())/(1<<20), m.Partitions[0].Watermark)
	_, err := fmt.Fprintf(term.out, sentence+"\n", what)
	return err
}
