package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/parleychat/parley/server"
)

type doctor struct {
	options
	json bool
}

func newDoctor(p *program) *cobra.Command {
	var c doctor
	cmd := &cobra.Command{Use: "doctor", GroupID: looking, Args: arguments(),
		Short: "Look at configuration, machine, data and server; exit code 1 if something is wrong.",
		Long: `Give it the server's own configuration (the same flags, environment and file). It
looks at the configuration, at who can reach the server, at the data directory,
disk, clock and descriptors, at the versions of the data, at how far the store is
behind the log, whether the running server's parts are ready and count sockets,
subscriptions and presence alike, and at the address. Nothing is changed.

Each line is ok, warn or fail; a warning alone leaves the exit code 0. What is in
the data is compared by parley verify.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context(), p) }}
	c.register(cmd.Flags())
	cmd.Flags().BoolVar(&c.json, "json", false, "print each finding as a line of JSON")
	return cmd
}

// run looks and tells.
func (c *doctor) run(ctx context.Context, p *program) error {
	keepPrivate()
	cfg := c.server()
	cfg.Logger = operatorLogger(p)
	failed := false
	var failure error
	server.Doctor(ctx, cfg, func(f server.Finding) {
		failed = failed || f.Level == server.LevelFail
		if failure == nil {
			failure = c.tell(p, f)
		}
	})
	if failure == nil && failed {
		failure = errSaid
	}
	return failure
}

func (c *doctor) tell(p *program, f server.Finding) error {
	if c.json {
		return json.NewEncoder(p.out).Encode(f)
	}
	if _, err := fmt.Fprintf(p.out, "%-4s  %s: %s\n", f.Level, f.Check, f.Text); err != nil || f.Do == "" {
		return err
	}
	_, err := fmt.Fprintf(p.out, "      to do: %s\n", f.Do)
	return err
}
