package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/parleychat/parley/server"
)

type tail struct {
	place
	from   string
	last   int64
	follow bool
	room   string
}

func newTail(p *program) *cobra.Command {
	var c tail
	cmd := &cobra.Command{Use: "tail", GroupID: looking, Args: arguments(),
		Short: "Show the log, one record a line, as JSON.",
		Long: `One record is one line of JSON: epoch, partition, offset, time, key, headers,
value. docs/log-format.md says what they mean. A record that no Parley has written
has "broken", and "rawHeaders" and "valueBase64" where text would not do.

Examples:
  parley tail --follow
  parley tail --from beginning | jq -r 'select(.headers.kind == "message") | .value.messageText'`,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context(), p) }}
	flags := cmd.Flags()
	c.register(flags)
	flags.StringVar(&c.from, "from", "", "first `OFFSET` to show, beginning for all that is kept, or EPOCH:OFFSET as in an earlier line, which is refused when the log is another one by now (default: the last --lines records)")
	flags.Int64VarP(&c.last, "lines", "n", 10, "how many of the last records to begin with, without --from, a `NUMBER`")
	flags.BoolVarP(&c.follow, "follow", "f", false, "go on with what comes, until Ctrl-C")
	flags.StringVar(&c.room, "room", "", "only the records of this room, `ID|NAME`; private rooms are named by their id")
	return cmd
}

// run writes records to the standard output.
func (c *tail) run(ctx context.Context, p *program) error {
	request := server.TailRequest{Last: c.last, Follow: c.follow, Room: c.room}
	if err := c.begin(&request); err != nil {
		return err
	}
	return c.operate(ctx, p, func(operator *server.Operator) error {
		out := bufio.NewWriterSize(p.out, 64<<10)
		err := operator.Call(ctx, "tail", request, func(line []byte) error {
			_, err := out.Write(line)
			err = errors.Join(err, out.WriteByte('\n'))
			if c.follow && err == nil {
				err = out.Flush() // the next one may be long in coming
			}
			return err
		})
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			err = nil // Ctrl-C is how to end it
		}
		return errors.Join(err, out.Flush())
	})
}

func (c *tail) begin(request *server.TailRequest) error {
	if c.from == "" {
		return nil
	}
	offset := int64(server.FromBeginning)
	if c.from != "beginning" {
		epoch, text, found := strings.Cut(c.from, ":")
		if !found {
			epoch, text = "", c.from
		}
		request.Epoch = epoch
		var err error
		if offset, err = strconv.ParseInt(text, 10, 64); err != nil || offset < 0 {
			return fmt.Errorf("from %q: write an offset such as 4711, EPOCH:OFFSET, or beginning", c.from)
		}
	}
	request.From = &offset
	return nil
}
