package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/parleychat/parley/server"
)

type tailCommand struct {
	place
	From   string `placeholder:"OFFSET" help:"First offset to show, beginning for all that is kept, or EPOCH:OFFSET as in an earlier line, which is refused when the log is another one by now. Default: the last --lines records."`
	Lines  int64  `short:"n" default:"10" help:"How many of the last records to begin with, without --from (default ${default})."`
	Follow bool   `short:"f" help:"Go on with what comes, until Ctrl-C."`
	Room   string `placeholder:"ID|NAME" help:"Only the records of this room; private rooms are named by their id."`
}

// Help is shown by --help.
func (tailCommand) Help() string {
	return `One record is one line of JSON: epoch, partition, offset, time, key, headers, value. docs/log-format.md says what they mean. A record that no Parley has written has "broken", and "rawHeaders" and "valueBase64" where text would not do.

Examples:
  parley tail --follow
  parley tail --from beginning | jq -r 'select(.headers.kind == "message") | .value.messageText'`
}

// Run writes records to the standard output.
func (c *tailCommand) Run(ctx context.Context, term *terminal) error {
	request := server.TailRequest{Last: c.Lines, Follow: c.Follow, Room: c.Room}
	if err := c.from(&request); err != nil {
		return err
	}
	return c.operate(ctx, term, func(operator *server.Operator) error {
		out := bufio.NewWriterSize(term.out, 64<<10)
		err := operator.Call(ctx, "tail", request, func(line []byte) error {
			_, err := out.Write(line)
			err = errors.Join(err, out.WriteByte('\n'))
			if c.Follow && err == nil {
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

func (c *tailCommand) from(request *server.TailRequest) error {
	if c.From == "" {
		return nil
	}
	offset := int64(server.FromBeginning)
	if c.From != "beginning" {
		epoch, text, found := strings.Cut(c.From, ":")
		if !found {
			epoch, text = "", c.From
		}
		request.Epoch = epoch
		var err error
		if offset, err = strconv.ParseInt(text, 10, 64); err != nil || offset < 0 {
			return fmt.Errorf("from %q: write an offset such as 4711, EPOCH:OFFSET, or beginning", c.From)
		}
	}
	request.From = &offset
	return nil
}
