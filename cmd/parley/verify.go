package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/parleychat/parley/server"
	"github.com/parleychat/parley/verify"
)

type verifying struct {
	place
	json bool
}

func newVerify(p *program) *cobra.Command {
	var c verifying
	cmd := &cobra.Command{Use: "verify", GroupID: looking, Args: arguments(),
		Short: "Compare log, store, numbers and counts; exit code 1 if they differ.",
		Long: `Applies the log again, from its first record up to where the store stands, and
compares what comes out with every stored event; counts through the events of
every room, holds each text against the signature that its sender's request was
given, and compares members, bans, names, mentions and heads with what follows
from the events.

Nothing is changed. It may run beside a server; then it compares the store as it
was at one moment. A difference is told with its table, row and column, what is
stored and what was expected: something has written to the files that was not
Parley, the disk has failed, or Parley has a defect. Keep a copy of the data
directory and report it.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context(), p) }}
	c.register(cmd.Flags())
	cmd.Flags().BoolVar(&c.json, "json", false, "print every difference, and at the end the report, as a line of JSON")
	return cmd
}

// run compares, and fails when something differs.
func (c *verifying) run(ctx context.Context, p *program) error {
	var report *verify.Report
	err := c.operate(ctx, p, func(operator *server.Operator) error {
		return operator.Call(ctx, "verify", struct{}{}, func(text []byte) error {
			var line server.VerifyLine
			if err := json.Unmarshal(text, &line); err != nil {
				return err
			}
			if line.Report != nil {
				report = line.Report
			}
			return c.tell(p, text, &line)
		})
	})
	switch {
	case err != nil:
		return err
	case report == nil:
		return errors.New("verify: the answer has no report")
	case report.Differences > 0:
		return errSaid
	}
	return nil
}

func (c *verifying) tell(p *program, text []byte, line *server.VerifyLine) error {
	switch {
	case c.json:
		_, err := fmt.Fprintf(p.out, "%s\n", text)
		return err
	case line.Difference != nil:
		_, err := fmt.Fprintln(p.out, line.Difference)
		return err
	case line.Report != nil:
		return tellReport(p, line.Report)
	}
	return nil
}

func tellReport(p *program, r *verify.Report) error {
	for _, part := range r.Partitions {
		if _, err := fmt.Fprintf(p.out, "log: partition %d of epoch %s, offsets %d to %d applied again (it ends at %d)\n", part.Partition, r.Epoch, part.Begin, part.Watermark, part.End); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(p.out, `compared: %d records of the log; %d events (%d of them void) and %d messages in %d rooms, %d texts and requests against their signatures
tables: %d accounts, %d sessions, %d memberships, %d bans, %d room names, %d read marks, %d edits, %d mentions
`, r.Records, r.Events, r.Voids, r.Messages, r.Rooms, r.Texts,
		r.Tables["users"], r.Tables["sessions"], r.Tables["members"], r.Tables["bans"], r.Tables["room_names"], r.Tables["read_marks"], r.Tables["edits"], r.Tables["mentions"])
	if err != nil {
		return err
	}
	if r.Differences > 0 {
		_, err = fmt.Fprintf(p.out, "%d differences\n", r.Differences)
	} else {
		_, err = fmt.Fprintln(p.out, "everything agrees")
	}
	return err
}
