package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parleychat/parley/internal/check"
)

// stuckError says that a server serves nobody any more: it has ended by itself,
// or something that it has to do does not happen. That is no failure of the
// campaign, whose people have been served before, but what it looks for.
type stuckError struct {
	what string
}

func (e *stuckError) Error() string { return e.what }

// endedByItself tells of a process that ended and was not to.
func (s *server) endedByItself(p *process) error {
	said, err := s.logOf(p)
	if err != nil {
		return err
	}
	return &stuckError{fmt.Sprintf("the server ended by itself (%v), and said: %s", p.cmd.ProcessState, lastLine(said))}
}

// alarm is the first error that a process has logged, empty if there is none.
// Whatever is done to a server from outside, it finds nothing wrong with itself.
func (s *server) alarm(p *process) (string, error) {
	said, err := s.logOf(p)
	if err != nil {
		return "", err
	}
	for line := range bytes.Lines(said) {
		if isError(line) {
			return short(line), nil
		}
	}
	return "", nil
}

// isError reports whether a line of a server's log is an error.
func isError(line []byte) bool { return bytes.Contains(line, []byte(`"level":"ERROR"`)) }

// logOf is what a process has logged so far.
func (s *server) logOf(p *process) (said []byte, err error) {
	log, err := os.Open(s.log.Name())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	if _, err := log.Seek(p.logged, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(log)
}

// lastLine is the last thing that a process has said, which is why it ended if
// it ended by itself.
func lastLine(said []byte) string {
	said = bytes.TrimSpace(said)
	return short(said[bytes.LastIndexByte(said, '\n')+1:])
}

func short(line []byte) string { return fmt.Sprintf("%.500s", bytes.TrimSpace(line)) }

// endStuck takes the error that ended a campaign. If it is that nobody is served
// any more, the histories say so, and end; any other it returns.
func (c *campaign) endStuck(err error) error {
	var stuck *stuckError
	if !errors.As(err, &stuck) {
		return err
	}
	c.stuck = true
	fmt.Fprintf(c.opts.out, "stuck after %d kills: %v\n", c.kills, err)
	c.history.Write(check.Line{What: check.Stuck, Fault: stuck.what})
	return nil
}
