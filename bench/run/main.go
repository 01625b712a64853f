//go:build linux

// Command run measures Parley against the floor, the floor with up to 16
// frames a write, and node's Socket.IO, side by side on this machine, and
// writes docs/benchmarks.md. It builds and installs what it needs: the floor by
// go, Socket.IO by npm, strace by apt-get when it may.
//
//	go run ./bench/run [-parley bin/parley] [-rounds 3] [-only P1,P3] [-write docs/benchmarks.md]
//
// Every server runs in a fresh process for every workload; a round goes through
// all servers of a workload before the next workload, so that whatever else the
// machine does meets all of them alike.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	parley := flag.String("parley", "", "Parley's binary; without it only the others are measured")
	rounds := flag.Int("rounds", 3, "interleaved rounds")
	only := flag.String("only", "", "ids of the workloads to run, with commas between; all if empty")
	write := flag.String("write", "", "file to write the report to; standard output if empty")
	flag.Parse()

	root, err := output(ctx, "go", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "parley-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	servers, err := prepare(ctx, root, temp, *parley)
	if err != nil {
		return err
	}
	table, err := choose(*only)
	if err != nil {
		return err
	}
	about, err := describe(ctx, root, servers, *rounds)
	if err != nil {
		return err
	}
	all := measureAll(ctx, servers, table, *rounds)
	if about.Load, err = loadAverage(); err != nil {
		return err
	}
	out := io.Writer(os.Stdout)
	if *write != "" {
		apart, err := measuredApart(*write)
		if err != nil {
			return err
		}
		about.Apart = apart
		f, err := os.Create(*write)
		if err != nil {
			return err
		}
		defer f.Close()
		out = f
	}
	return errors.Join(report(out, about, servers, table, all), errors.Join(all.failed...))
}

// apart is the heading of what is measured in other ways, at the end of a
// report. A new report takes it over.
const apart = "\n## Measured apart\n"

// measuredApart is that part of a report, nothing if it has none.
func measuredApart(path string) (string, error) {
	old, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if _, text, found := strings.Cut(string(old), apart); found {
		return apart + text, nil
	}
	return "", nil
}

// prepare builds and installs the servers.
func prepare(ctx context.Context, root, temp, parley string) ([]server, error) {
	if _, err := exec.LookPath("strace"); err != nil {
		if err := command(ctx, "", "apt-get", "install", "-y", "strace"); err != nil {
			return nil, fmt.Errorf("strace is missing and could not be installed: %w", err)
		}
	}
	floor := filepath.Join(temp, "floor")
	if err := command(ctx, root, "go", "build", "-o", floor, "./bench/floor"); err != nil {
		return nil, err
	}
	nodeio := filepath.Join(root, "bench", "nodeio")
	if _, err := os.Stat(filepath.Join(nodeio, "node_modules")); err != nil {
		if err := command(ctx, nodeio, "npm", "ci"); err != nil {
			return nil, err
		}
	}
	servers := []server{
		bare("floor", floor),
		bare("floor-16", floor, "-batch", "16"),
		synced(floor, filepath.Join(temp, "floor.log")),
		bare(nodeName, "node", filepath.Join(nodeio, "server.js")),
	}
	if parley != "" {
		servers = append(servers, parleyServer(parley, filepath.Join(temp, "data")))
	}
	return servers, nil
}

func choose(only string) ([]workload, error) {
	if only == "" {
		return workloads, nil
	}
	var chosen []workload
	for id := range strings.SplitSeq(only, ",") {
		before := len(chosen)
		for _, w := range workloads {
			if w.id == id {
				chosen = append(chosen, w)
			}
		}
		if len(chosen) == before {
			return nil, fmt.Errorf("no workload %q", id)
		}
	}
	return chosen, nil
}

func command(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return nil
}

func output(ctx context.Context, name string, args ...string) (string, error) {
	b, err := exec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(b)), nil
}
