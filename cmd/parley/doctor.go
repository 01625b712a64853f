package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/parleychat/parley/server"
)

type doctorCommand struct {
	options
	JSON bool `help:"Print each finding as a line of JSON."`
}

// Help is shown by --help.
func (doctorCommand) Help() string {
	return `Give it the server's own configuration (the same flags, environment and file). It looks at the configuration, at who can reach the server, at the data directory, disk, clock and descriptors, at the versions of the data, at how far the store is behind the log, whether the running server's parts are ready and count sockets, subscriptions and presence alike, and at the address. Nothing is changed.

Each line is ok, warn or fail; a warning alone leaves the exit code 0. What is in the data is compared by parley verify.`
}

// Run looks and tells.
func (c *doctorCommand) Run(ctx context.Context, term *terminal) error {
	keepPrivate()
	cfg := c.server()
	cfg.Logger = operatorLogger(term)
	failed := false
	var failure error
	server.Doctor(ctx, cfg, func(f server.Finding) {
		failed = failed || f.Level == server.LevelFail
		if failure == nil {
			failure = c.tell(term, f)
		}
	})
	if failure == nil && failed {
		failure = errSaid
	}
	return failure
}

func (c *doctorCommand) tell(term *terminal, f server.Finding) error {
	if c.JSON {
		return json.NewEncoder(term.out).Encode(f)
	}
	if _, err := fmt.Fprintf(term.out, "%-4s  %s: %s\n", f.Level, f.Check, f.Text); err != nil || f.Do == "" {
		return err
	}
	_, err := fmt.Fprintf(term.out, "      to do: %s\n", f.Do)
	return err
}
