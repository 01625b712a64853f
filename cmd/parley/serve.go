package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/parleychat/parley/server"
)

func newServe(p *program) *cobra.Command {
	var o options
	cmd := &cobra.Command{Use: "serve", GroupID: running, Short: "Run the server.", Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), &o, p) }}
	o.register(cmd.Flags())
	return cmd
}

// serve runs the server until a signal comes or something breaks.
func serve(ctx context.Context, o *options, p *program) error {
	logger := newLogger(string(o.LogFormat), p.err)
	slog.SetDefault(logger)
	for _, name := range p.unknownEnv() {
		logger.Warn("this environment variable is no setting and has no effect", slog.String("name", name))
	}
	keepPrivate()
	cfg := o.server()
	cfg.Logger = logger
	warnOfSeenPasswords(&cfg, p, logger)
	node, err := server.New(ctx, cfg)
	if err != nil {
		return err
	}
	logger.Info("parley started",
		slog.String("version", version), slog.String("url", node.URL()), slog.String("data", cfg.Data))
	announced := announce(ctx, node, p, logger)
	defer announced()
	return node.Run(ctx)
}

// warnOfSeenPasswords warns of passwords on the command line: everybody on this
// machine can list that.
func warnOfSeenPasswords(cfg *server.Config, p *program, logger *slog.Logger) {
	for setting, given := range map[string]bool{
		"db":                  cfg.DB.String() != string(cfg.DB),
		"redis":               cfg.Redis.String() != string(cfg.Redis),
		"kafka-sasl-password": cfg.Kafka.SASLPassword != "",
	} {
		if given && p.from[setting] == "--"+setting {
			logger.Warn("a password on the command line is seen by all users of this machine; give it by a file or the environment",
				slog.String("setting", setting))
		}
	}
}

// announce prints where the server is as soon as it can serve, and as long as
// nobody owns it, the link that makes somebody its owner. It gives what ends
// waiting for that.
func announce(ctx context.Context, node *server.Server, p *program, logger *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if node.AwaitReady(ctx) != nil {
			return
		}
		fmt.Fprintf(p.out, "Parley is at %s\n", node.URL())
		link, err := node.OfferSetup(ctx)
		if err != nil {
			logger.Warn("no setup link was made, the next start tries again", slog.Any("error", err))
			return
		}
		if link != "" {
			fmt.Fprintf(p.out, "Nobody owns it yet. Whoever opens this link does, it is good once:\n%s\n", link)
		}
	}()
	return func() { cancel(); <-done }
}
