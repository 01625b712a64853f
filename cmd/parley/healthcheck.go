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

	"github.com/spf13/cobra"

	"github.com/parleychat/parley/server"
)

type healthcheck struct {
	listen string
	wait   time.Duration
}

func newHealthcheck(p *program) *cobra.Command {
	var c healthcheck
	cmd := &cobra.Command{Use: "healthcheck", GroupID: running, Args: arguments(),
		Short: "Ask a running server whether it can serve people; exit code 0 if so. For containers.",
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context(), p) }}
	flags := cmd.Flags()
	configFlag(flags)
	flags.StringVar(&c.listen, "listen", server.Default().Listen, "address that the server was told to listen on, `HOST:PORT`, or the port of $PORT")
	flags.DurationVar(&c.wait, "wait", 3*time.Second, "how long to wait for the answer, a `TIME`")
	return cmd
}

// run asks the server on this machine whether it is ready.
func (c *healthcheck) run(ctx context.Context, p *program) error {
	ctx, cancel := context.WithTimeout(ctx, c.wait)
	defer cancel()
	host, port, err := net.SplitHostPort(c.listen)
	if err != nil {
		return fmt.Errorf("listen %q: %w", c.listen, err)
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
		_, err := fmt.Fprintln(p.out, "ready")
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
