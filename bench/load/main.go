// Command load puts load on a server that speaks the little that bench/floor
// does, or on a Parley server with -parley, and prints what it found. It ends
// with status 1 when a message was lost, doubled or out of order.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/parleychat/parley/internal/loadgen"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var cfg loadgen.Config
	var asJSON, parley bool
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.StringVar(&cfg.URL, "url", "http://127.0.0.1:3000", "server")
	flags.Func("workload", "room, rooms, saturated, idle, storm or join (default room)", func(s string) error {
		cfg.Workload = loadgen.Workload(s)
		return nil
	})
	cfg.Workload = loadgen.OneRoom
	flags.IntVar(&cfg.Sockets, "sockets", 0, "connections (default by workload)")
	flags.IntVar(&cfg.Rooms, "rooms", 0, "rooms (default by workload)")
	flags.Float64Var(&cfg.Rate, "rate", 0, "messages a second over all rooms (default by workload)")
	flags.IntVar(&cfg.Window, "window", 0, "saturated: messages under way (default 256)")
	flags.DurationVar(&cfg.Warmup, "warmup", 0, "time before measuring (default 2s)")
	flags.DurationVar(&cfg.Duration, "duration", 0, "time measured (default 10s)")
	flags.DurationVar(&cfg.Settle, "settle", 0, "idle: wait before a weighing (default 5s)")
	flags.IntVar(&cfg.First, "first", 0, "idle: sockets at the first weighing (default 2000)")
	flags.IntVar(&cfg.Dialers, "dialers", 0, "connects under way at once (default 64)")
	flags.IntVar(&cfg.TextBytes, "text", 0, "bytes of a message's text (default 64)")
	flags.IntVar(&cfg.PID, "pid", 0, "process of the server, to be watched (Linux)")
	flags.StringVar(&cfg.MetricsURL, "metrics", "", "idle: address of the server's Prometheus metrics")
	flags.BoolVar(&parley, "parley", false, "register people and make rooms as a Parley server wants it")
	flags.BoolVar(&asJSON, "json", false, "print JSON instead of a table")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if parley {
		cfg.Stage = &loadgen.Parley{}
	}
	res, err := loadgen.Run(ctx, cfg)
	if err != nil {
		return err
	}
	if err := show(out, res, asJSON); err != nil {
		return err
	}
	if !res.OK() {
		return fmt.Errorf("%d rules broken", len(res.Violations))
	}
	return nil
}

func show(out io.Writer, res loadgen.Result, asJSON bool) error {
	if !asJSON {
		return res.WriteTable(out)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(res)
}
