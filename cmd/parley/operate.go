package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/parleychat/parley/server"
)

// place says whose data a command is about.
type place struct {
	Config string             `placeholder:"FILE" help:"YAML file of the server's settings."`
	DB     server.DatabaseURL `name:"db" placeholder:"URL" help:"The server's database, if it has one elsewhere and does not run now."`
	Data   string             `default:"${data}" placeholder:"DIR" help:"The server's data directory (default ${default})."`
}

// operate lets a command work on the data, through the server that runs there
// or, when there is none, by itself.
func (p *place) operate(ctx context.Context, term *terminal, run func(*server.Operator) error) error {
	keepPrivate()
	cfg := server.Default()
	cfg.Data, cfg.DB, cfg.Version, cfg.Logger = p.Data, p.DB, version, operatorLogger(term)
	operator, err := server.Operate(ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(run(operator), operator.Close())
}

// operatorLogger logs what happens while a command is carried out.
func operatorLogger(term *terminal) *slog.Logger {
	logger := slog.New(quiet{newLogger("text", term.err).Handler()})
	slog.SetDefault(logger)
	return logger
}

// quiet lets through what somebody has to know; a command tells the rest by
// itself.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }
func (q quiet) WithGroup(name string) slog.Handler       { return quiet{q.Handler.WithGroup(name)} }
