package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(command(ctx, os.Args[1:], os.Stdout))
}

// command does what args ask for and returns the exit code.
func command(ctx context.Context, args []string, out io.Writer) int {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(out)
	only := flags.String("only", "", "one bug instead of all")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	chosen, err := choose(*only)
	if err == nil && flags.NArg() > 0 {
		err = errors.New("no arguments besides flags")
	}
	if err != nil {
		fmt.Fprintln(out, "mutants:", err)
		return 2
	}
	dir, err := os.MkdirTemp("", "parley-mutants-")
	if err != nil {
		fmt.Fprintln(out, "mutants:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	r := &runner{dir: dir, out: out, sound: make(map[catcher]finding)}
	wrong := 0
	for _, m := range chosen {
		if err := r.run(ctx, m); err != nil {
			fmt.Fprintf(out, "WRONG     %-18s %v\n", m.bug, err)
			wrong++
		}
		if ctx.Err() != nil {
			return 1
		}
	}
	if wrong > 0 {
		fmt.Fprintf(out, "%d of %d mutants are not caught as they should be\n", wrong, len(chosen))
		return 1
	}
	fmt.Fprintf(out, "%d mutants, all caught\n", len(chosen))
	return 0
}

// choose picks the mutants to look at.
func choose(only string) ([]mutant, error) {
	if only == "" {
		return mutants, nil
	}
	for _, m := range mutants {
		if m.bug == only {
			return []mutant{m}, nil
		}
	}
	return nil, fmt.Errorf("there is no bug %q", only)
}
