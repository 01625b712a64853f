package main

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-isatty"
)

// newLogger writes for people or for machines.
func newLogger(format string, w io.Writer) *slog.Logger {
	file, isFile := w.(*os.File)
	onTerminal := isFile && isatty.IsTerminal(file.Fd())
	if format == "text" || format == "auto" && onTerminal {
		return slog.New(tint.NewTextHandler(w, &tint.Options{TimeFormat: time.TimeOnly, NoColor: !onTerminal}))
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: readableDuration}))
}

// readableDuration writes 1.5s instead of 1500000000.
func readableDuration(_ []string, attr slog.Attr) slog.Attr {
	if attr.Value.Kind() == slog.KindDuration {
		attr.Value = slog.StringValue(attr.Value.Duration().String())
	}
	return attr
}
