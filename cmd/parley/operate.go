package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"

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

// table prints what a command tells, one line each, in columns or as JSON.
func table[Line any](ctx context.Context, term *terminal, p *place, command string, request any, asJSON bool, head string, row func(Line) string) error {
	columns := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(columns, head)
	}
	err := p.operate(ctx, term, func(operator *server.Operator) error {
		return operator.Call(ctx, command, request, func(text []byte) error {
			if asJSON {
				_, err := fmt.Fprintf(term.out, "%s\n", text)
				return err
			}
			var line Line
			if err := json.Unmarshal(text, &line); err != nil {
				return err
			}
			_, err := fmt.Fprintln(columns, strings.TrimSpace(row(line)))
			return err
		})
	})
	if err != nil {
		return err
	}
	return columns.Flush()
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
