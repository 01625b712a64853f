package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/parleychat/parley/backup"
	"github.com/parleychat/parley/server"
)

func newBackup(p *program) *cobra.Command {
	var at place
	var asJSON bool
	cmd := &cobra.Command{Use: "backup TARGET", GroupID: keeping, Args: arguments("TARGET"),
		Short: "Copy everything that is kept, also while the server runs.",
		Long: `Copy everything that is kept, also while the server runs, to TARGET: a new
directory, or a new file whose name ends in .tar. While a server runs it is the
server that writes it.

The backup has everything that was acknowledged before the command began. People
may go on writing meanwhile. It appears under its name when it is whole and on the
disk; after a failure or Ctrl-C nothing is left.

Whoever reads a backup reads everything, keys included: keep it where only you can.

Example:
  parley backup "/var/backups/parley-$(date +%F).tar"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			target, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			var manifest backup.Manifest
			if err := at.call(cmd.Context(), p, "backup", server.BackupRequest{Target: target}, &manifest); err != nil {
				return err
			}
			return tellManifest(p, asJSON, &manifest, "backup of %s is in "+target)
		}}
	at.register(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the backup's manifest")
	return cmd
}

func newRestore(p *program) *cobra.Command {
	var at place
	var asJSON bool
	cmd := &cobra.Command{Use: "restore BACKUP", GroupID: keeping, Args: arguments("BACKUP"),
		Short: "Make a data directory of a backup.",
		Long: `Make a data directory of BACKUP, a directory or tar file that parley backup has
made. The data directory must be new or empty; no server runs in it.

What was written after the backup is lost: clients that saw it are told to start
over with that room, and everything older is as it was. Everybody has to sign in
again, because a session that was ended since the backup must not come back.

Example:
  parley restore /var/backups/parley-2026-11-26.tar --data ./parley-data`,
		RunE: func(cmd *cobra.Command, args []string) error {
			keepPrivate()
			manifest, err := server.Restore(cmd.Context(), args[0], at.server(p))
			if err != nil {
				return err
			}
			return tellManifest(p, asJSON, manifest, "%s restored to "+at.data+"; everybody has to sign in again")
		}}
	at.register(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the backup's manifest")
	return cmd
}

func tellManifest(p *program, asJSON bool, m *backup.Manifest, sentence string) error {
	if asJSON {
		encoder := json.NewEncoder(p.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(m)
	}
	what := fmt.Sprintf("%d events in %d rooms and %d accounts as of %s (%.1f MiB, the log up to offset %d)",
		m.Counts.Events, m.Counts.Rooms, m.Counts.Users,
		m.CreatedAt.Format("2006-01-02 15:04:05 MST"), float64(m.Bytes())/(1<<20), m.Partitions[0].Watermark)
	_, err := fmt.Fprintf(p.out, sentence+"\n", what)
	return err
}
