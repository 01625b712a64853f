package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

type healthcheckCommand struct {
	Config string        `placeholder:"FILE" help:"YAML file of the server's settings."`
	Listen string        `default:"${listen}" placeholder:"HOST:PORT" help:"Address that the server was told to listen on (default ${default}, or the port of $PORT)."`
	Wait   time.Duration `default:"3s" help:"How long to wait for the answer (default ${default})."`
}

// Run asks the server on this machine whether it is ready.
func (c *healthcheckCommand) Run(ctx context.Context, term *terminal) error {
	ctx, cancel := context.WithTimeout(ctx, c.Wait)
	defer cancel()
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("listen %q: %w", c.Listen, err)
	}
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		_, err := fmt.Fprintln(term.out, "ready")
		return err
	}
	return fmt.Errorf("not ready: %s", reasons(answer))
}

// maxReadyBytes bounds how much of an answer is read: whoever listens there may
// be somebody else.
const maxReadyBytes = 64 << 10

// reasons are what /readyz says is wrong.
func reasons(answer *http.Response) string {
	var ready struct {
		Parts map[string]string `json:"parts"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxReadyBytes)).Decode(&ready); err != nil {
		return answer.Status
	}
	var wrong []string
	for part, state := range ready.Parts {
		if !strings.HasPrefix(state, "ok") {
			wrong = append(wrong, part+": "+state)
		}
	}
	slices.Sort(wrong)
	return strings.Join(wrong, "; ")
}
