package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/parleychat/parley/admin"
	"github.com/parleychat/parley/server"
)

// place says whose data a command is about.
type place struct {
	db           server.DatabaseURL
	passwordFile string // of db
	data         string
}

func (at *place) register(flags *pflag.FlagSet) {
	configFlag(flags)
	flags.Var(text[server.DatabaseURL]{&at.db}, "db", "the server's database, if it has one elsewhere and does not run now, as a `URL`")
	flags.StringVar(&at.passwordFile, "db-password-file", "", "a `FILE` that holds the password of db and nothing else")
	flags.StringVar(&at.data, "data", server.Default().Data, "the server's data directory, `DIR`")
}

// server is the configuration of a server there.
func (at *place) server(p *program) server.Config {
	cfg := server.Default()
	cfg.Data, cfg.DB, cfg.DBPasswordFile, cfg.Version, cfg.Logger = at.data, at.db, at.passwordFile, version, operatorLogger(p)
	return cfg
}

// operate lets a command work on the data, through the server that runs there
// or, when there is none, by itself.
func (at *place) operate(ctx context.Context, p *program, run func(*server.Operator) error) error {
	keepPrivate()
	operator, err := server.Operate(ctx, at.server(p))
	if err != nil {
		return err
	}
	return errors.Join(run(operator), operator.Close())
}

// call lets an operator's command be carried out that has one answer.
func (at *place) call(ctx context.Context, p *program, command string, request, answer any) error {
	return at.operate(ctx, p, func(operator *server.Operator) error {
		return operator.Call(ctx, command, request, admin.Into(answer))
	})
}

// newList is a command that tells many things of one kind, a line each. names
// are its arguments, of which request makes what is asked.
func newList[Line any](p *program, name, help, command, head string, row func(Line) string, request func(args []string) any, names ...string) *cobra.Command {
	var at place
	var asJSON bool
	cmd := &cobra.Command{Use: strings.Join(append([]string{name}, names...), " "), Short: help, Args: arguments(names...),
		RunE: func(cmd *cobra.Command, args []string) error {
			return table(cmd.Context(), p, &at, command, request(args), asJSON, head, row)
		}}
	at.register(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print each as a line of JSON")
	return cmd
}

// table prints what a command tells, one line each, in columns or as JSON.
func table[Line any](ctx context.Context, p *program, at *place, command string, request any, asJSON bool, head string, row func(Line) string) error {
	columns := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(columns, head)
	}
	err := at.operate(ctx, p, func(operator *server.Operator) error {
		return operator.Call(ctx, command, request, func(text []byte) error {
			if asJSON {
				_, err := fmt.Fprintf(p.out, "%s\n", text)
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
func operatorLogger(p *program) *slog.Logger {
	logger := slog.New(quiet{newLogger("text", p.err).Handler()})
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
