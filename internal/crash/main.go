package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(command(ctx, os.Args[1:]))
}

// command runs the campaign that args ask for and returns the exit code.
func command(ctx context.Context, args []string) int {
	opts := options{out: os.Stdout}
	flags := flag.NewFlagSet("crash", flag.ContinueOnError)
	flags.StringVar(&opts.bin, "bin", "bin/parley", "the server's program")
	flags.IntVar(&opts.kills, "kills", 200, "how often to kill it at random at least; it goes on until it has met what it looks for, up to three times as often")
	flags.IntVar(&opts.pointKills, "point-kills", 0, "how often to let it end at each failpoint, before that (needs a program built with -tags failpoints)")
	flags.IntVar(&opts.sends, "sends", 0, "instead, let a crowd send until so many sends were acknowledged, and kill all along")
	flags.Uint64Var(&opts.seed, "seed", uint64(time.Now().UnixNano()), "of the choices; processes and their timing stay as they are")
	flags.IntVar(&opts.clients, "clients", 0, "devices, two of each person (24), or with -sends people with one each (300)")
	flags.DurationVar(&opts.duration, "duration", 0, "spread the kills over this time (0: as fast as the server is back); with -sends, stop after it")
	flags.BoolVar(&opts.diskFull, "disk-full", false, "fill the disk instead of killing at random (root, Linux)")
	flags.StringVar(&opts.dir, "dir", "", "keep everything there, even of a good run (a temporary directory, kept only on failure)")
	flags.DurationVar(&opts.heal, "heal", healTime, "how long everything may take to be right again after the last fault; more on a busy machine")
	flags.StringVar(&opts.page, "page", "", "with -nodes, write what came of it there, as docs/campaign.md")
	flags.StringVar(&opts.old, "old", "", "with -nodes, the program of an older version, which is exchanged for the one of -bin and back under load")
	flags.IntVar(&opts.nodes, "nodes", 0, "instead, so many servers over Kafka, MariaDB and Redis, which are all harmed for -duration (1m)")
	only := flags.String("harms", "", "with -nodes, do nothing but these, by their names in harm.go, divided by commas")
	judged := flags.String("judge", "", "judge what an earlier campaign has kept in this directory, and do nothing else")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if opts.clients == 0 {
		opts.clients = 24
		if opts.sends > 0 {
			opts.clients = 300
		}
	}
	if flags.NArg() > 0 || opts.clients < 2 || opts.kills < 0 || opts.pointKills < 0 || opts.kills+opts.pointKills < 1 {
		fmt.Fprintln(os.Stderr, "crash: no arguments besides flags; at least 2 clients and 1 kill")
		return 2
	}
	if opts.nodes == 1 {
		fmt.Fprintln(os.Stderr, "crash: a cluster has 2 servers at least")
		return 2
	}
	if opts.old != "" && opts.nodes == 0 {
		fmt.Fprintln(os.Stderr, "crash: programs are mixed in a cluster; say -nodes")
		return 2
	}
	if opts.page != "" && opts.nodes == 0 {
		fmt.Fprintln(os.Stderr, "crash: a page is written of a cluster's campaign; say -nodes")
		return 2
	}
	if *only != "" {
		opts.harms = strings.Split(*only, ",")
		possible := (&campaign{opts: opts}).possible()
		for _, what := range opts.harms {
			if !slices.ContainsFunc(possible, func(h harm) bool { return h.what == what }) {
				fmt.Fprintf(os.Stderr, "crash: %q cannot be done with these programs\n", what)
				return 2
			}
		}
	}
	if opts.nodes > 0 && opts.duration == 0 {
		opts.duration = time.Minute
	}
	if *judged != "" {
		verdict, err := judge(*judged)
		if err != nil {
			fmt.Fprintf(os.Stderr, "crash: %v\n", err)
			return 1
		}
		verdict.WriteTo(opts.out)
		if !verdict.OK() {
			return 1
		}
		return 0
	}
	report, err := run(ctx, opts)
	if err != nil {
		fmt.Fprintf(os.Stderr, "crash: %v\n", err)
		return 1
	}
	report.print(opts.out)
	if opts.page != "" {
		if err := report.writePage(opts.page, opts); err != nil {
			fmt.Fprintf(os.Stderr, "crash: %v\n", err)
			return 1
		}
	}
	if !report.good() {
		return 1
	}
	return 0
}
