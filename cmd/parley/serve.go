package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/parleychat/parley/server"
)

type serveCommand struct {
	options
}

// Run serves until a signal comes or something breaks.
func (c *serveCommand) Run(ctx context.Context, from *sources, term *terminal) error {
	logger := newLogger(c.LogFormat, term.err)
	slog.SetDefault(logger)
	for _, name := range from.unknownEnv() {
		logger.Warn("this environment variable is no setting and has no effect", slog.String("name", name))
	}
	keepPrivate()
	cfg := c.server()
	cfg.Logger = logger
	node, err := server.New(ctx, cfg)
	if err != nil {
		return err
	}
	logger.Info("parley started",
		slog.String("version", version), slog.String("url", node.URL()), slog.String("data", cfg.Data))
	announced := announce(ctx, node, term, logger)
	defer announced()
	return node.Run(ctx)
}

// announce prints where the server is as soon as it can serve, and as long as
// nobody owns it, the link that makes somebody its owner. It gives what ends
// waiting for that.
func announce(ctx context.Context, node *server.Server, term *terminal, logger *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if node.AwaitReady(ctx) != nil {
			return
		}
		fmt.Fprintf(term.out, "Parley is at %s\n", node.URL())
		link, err := node.OfferSetup(ctx)
		if err != nil {
			logger.Warn("no setup link was made, the next start tries again", slog.Any("error", err))
			return
		}
		if link != "" {
			fmt.Fprintf(term.out, "Nobody owns it yet. Whoever opens this link does, it is good once:\n%s\n", link)
		}
	}()
	return func() { cancel(); <-done }
}
