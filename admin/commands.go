package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Command does one thing that an operator asks for. The request is one JSON
// object. It ends early when ctx does: whoever asked has gone, or the server
// stops. Then nothing may be left half done.
type Command func(ctx context.Context, request []byte, answer *Answer) error

// Commands are all that can be asked for, by name.
type Commands map[string]Command

// Typed makes a command of a function with a request of its own. A member of
// the request that it does not know is refused: it may mean that something
// else was wanted.
func Typed[Request any](run func(context.Context, Request, *Answer) error) Command {
	return func(ctx context.Context, raw []byte, answer *Answer) error {
		var request Request
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&request); err != nil {
			return fmt.Errorf("the request is not understood: %w", err)
		}
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return errors.New("the request is not understood: it is more than one JSON value")
		}
		return run(ctx, request, answer)
	}
}

// Answer takes what a command has to say. It belongs to the command's
// goroutine.
type Answer struct {
	line  func([]byte) error
	flush func() error
}

// Tell says one value, as a line of JSON. It waits for whoever asked to take
// it, and fails when they have gone.
func (a *Answer) Tell(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return a.line(text)
}

// Flush makes sure that what was told so far arrives. It is for commands that
// go on to wait; the end of a command flushes.
func (a *Answer) Flush() error { return a.flush() }

// Caller asks for a command. each is called with every line of the answer,
// without its newline; the bytes are valid during the call.
type Caller interface {
	Call(ctx context.Context, name string, request any, each func(line []byte) error) error
}

var (
	_ Caller = Commands(nil)
	_ Caller = (*Client)(nil)
)

// Call runs a command in this process.
func (c Commands) Call(ctx context.Context, name string, request any, each func(line []byte) error) error {
	command := c[name]
	if command == nil {
		return fmt.Errorf("there is no command %q", name)
	}
	raw, err := json.Marshal(request)
	if err != nil {
		return err
	}
	return command(ctx, raw, &Answer{line: each, flush: func() error { return nil }})
}

// Names lists the commands.
func (c Commands) Names() []string { return slices.Sorted(maps.Keys(c)) }

// Into is a function for [Caller] that decodes the one line of an answer.
func Into(value any) func(line []byte) error {
	return func(line []byte) error { return json.Unmarshal(line, value) }
}
