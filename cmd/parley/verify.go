package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/parleychat/parley/server"
	"github.com/parleychat/parley/verify"
)

type verifyCommand struct {
	place
	JSON bool `help:"Print every difference, and at the end the report, as a line of JSON."`
}

// Help is shown by --help.
func (verifyCommand) Help() string {
	return `Applies the log again, from its first record up to where the store stands, and compares what comes out with every stored event; counts through the events of every room, holds each text against the signature that its sender's request was given, and compares members, bans, names, mentions and heads with what follows from the events.

Nothing is changed. It may run beside a server; then it compares the store as it was at one moment. A difference is told with its table, row and column, what is stored and what was expected: something has written to the files that was not Parley, the disk has failed, or Parley has a defect. Keep a copy of the data directory and report it.`
}

// Run compares, and fails when something differs.
func (c *verifyCommand) Run(ctx context.Context, term *terminal) error {
	var report *verify.Report
	err := c.operate(ctx, term, func(operator *server.Operator) error {
		return operator.Call(ctx, "verify", struct{}{}, func(text []byte) error {
			var line server.VerifyLine
			if err := json.Unmarshal(text, &line); err != nil {
				return err
			}
			if line.Report != nil {
				report = line.Report
			}
			return c.tell(term, text, &line)
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

func (c *verifyCommand) tell(term *terminal, text []byte, line *server.VerifyLine) error {
	switch {
	case c.JSON:
		_, err := fmt.Fprintf(term.out, "%s\n", text)
		return err
	case line.Difference != nil:
		_, err := fmt.Fprintln(term.out, line.Difference)
		return err
	case line.Report != nil:
		return tellReport(term, line.Report)
	}
	return nil
}

func tellReport(term *terminal, r *verify.Report) error {
	for _, p := range r.Partitions {
		if _, err := fmt.Fprintf(term.out, "log: partition %d of epoch %s, offsets %d to %d applied again (it ends at %d)\n", p.Partition, r.Epoch, p.Begin, p.Watermark, p.End); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(term.out, `compared: %d records of the log; %d events (%d of them void) and %d messages in %d rooms, %d texts and requests against their signatures
tables: %d accounts, %d sessions, %d memberships, %d bans, %d room names, %d read marks, %d edits, %d mentions
`, r.Records, r.Events, r.Voids, r.Messages, r.Rooms, r.Texts,
		r.Tables["users"], r.Tables["sessions"], r.Tables["members"], r.Tables["bans"], r.Tables["room_names"], r.Tables["read_marks"], r.Tables["edits"], r.Tables["mentions"])
	if err != nil {
		return err
	}
	if r.Differences > 0 {
		_, err = fmt.Fprintf(term.out, "%d differences\n", r.Differences)
	} else {
		_, err = fmt.Fprintln(term.out, "everything agrees")
	}
	return err
}
