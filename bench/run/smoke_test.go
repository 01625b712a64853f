//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/parleychat/parley/bench/floor/relay"
	product "github.com/parleychat/parley/server"
)

// programEnv tells this test's program to be one of the servers.
const programEnv = "PARLEY_BENCH_PROGRAM"

func TestMain(m *testing.M) {
	program := os.Getenv(programEnv)
	if program == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := be(ctx, program, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, program, err)
		os.Exit(1)
	}
}

// be is what the programs do that are measured.
func be(ctx context.Context, program string, args []string) error {
	flags := flag.NewFlagSet(program, flag.ContinueOnError)
	listen := flags.String("listen", "", "")
	data := flags.String("data", "", "")
	log := flags.String("log", "", "")
	if program == parleyName {
		args = args[1:] // serve
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if program == parleyName {
		cfg := product.Default()
		cfg.Listen, cfg.Data, cfg.Logger = *listen, *data, slog.New(slog.DiscardHandler)
		s, err := product.New(ctx, cfg)
		if err != nil {
			return err
		}
		return s.Run(ctx)
	}
	file, err := os.Create(*log)
	if err != nil {
		return err
	}
	defer file.Close()
	ln, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	floor := &relay.Server{Log: file}
	defer context.AfterFunc(ctx, floor.Close)()
	if err := floor.Serve(ln); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// programs are the servers that are Go, run by this test's own program.
func programs(t *testing.T) (floor, parley server) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	floor = synced(self, filepath.Join(t.TempDir(), "floor.log"))
	parley = parleyServer(self, filepath.Join(t.TempDir(), "data"))
	for _, s := range []*server{&floor, &parley} {
		command, name := s.command, s.name
		s.command = func(ctx context.Context, port int) *exec.Cmd {
			cmd := command(ctx, port)
			cmd.Env = append(os.Environ(), programEnv+"="+name)
			return cmd
		}
	}
	return floor, parley
}

// workloadOf finds a workload of the table.
func workloadOf(t *testing.T, id string) workload {
	t.Helper()
	table, err := choose(id)
	if err != nil {
		t.Fatal(err)
	}
	return table[0]
}

// wantFigures fails unless there is something in every column.
func wantFigures(t *testing.T, w workload, s server, r result) {
	t.Helper()
	for _, c := range w.columns {
		if got := c.value(r); !(got > 0) {
			t.Errorf("%s, %s: got %v as %s", w.id, s.name, got, c.title)
		}
	}
}

func TestFromSenderToReceiver(t *testing.T) {
	floor, parley := programs(t)
	w := workloadOf(t, "P4")
	w.config.Sockets, w.config.Rooms, w.config.Rate = 10, 5, 15
	w.config.Warmup, w.config.Duration = 100*time.Millisecond, time.Second
	for _, s := range []server{floor, parley} {
		if !w.takes(s) {
			t.Errorf("%s is not measured", s.name)
		}
		r, err := measureLoad(t.Context(), s, w)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		wantFigures(t, w, s, r)
	}
}

func TestHistoryIsRead(t *testing.T) {
	floor, parley := programs(t)
	w := workloadOf(t, "P10")
	if w.takes(floor) || !w.takes(parley) {
		t.Errorf("measured: %s %t, %s %t; want Parley alone", floor.name, w.takes(floor), parley.name, w.takes(parley))
	}
	measure := measureHistory(1200, 1) // more than a server keeps in memory
	for range 2 {
		r, err := measure(t.Context(), parley, w)
		if err != nil {
			t.Fatal(err)
		}
		wantFigures(t, w, parley, r)
	}
}
