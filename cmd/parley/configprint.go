package main

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"
)

type configCommand struct {
	Print configPrintCommand `cmd:"" help:"Show each effective setting and where it comes from."`
}

type configPrintCommand struct {
	options
}

// Run prints the settings that serve would run with, and says what is wrong
// with them.
func (c *configPrintCommand) Run(parsed *kong.Context, from *sources, term *terminal) error {
	table := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	onCommandLine := make(map[string]bool)
	for _, path := range parsed.Path {
		if path.Flag != nil && !path.Resolved {
			onCommandLine[path.Flag.Name] = true
		}
	}
	for _, flag := range parsed.Selected().Flags {
		source, found := from.from[flag.Name]
		switch {
		case onCommandLine[flag.Name]:
			source = "--" + flag.Name
		case !found:
			source = "default"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", flag.Name, shown(flag), source)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, name := range from.unknownEnv() {
		fmt.Fprintf(term.err, "parley: the environment variable %s is no setting and has no effect\n", name)
	}
	cfg := c.server()
	if cfg.NodeID == "" {
		cfg.NodeID = "chosen-at-start"
	}
	return cfg.Validate()
}

// shown is a setting's value as it may be seen by whoever looks over the
// shoulder: one that is tagged secret is not shown.
func shown(flag *kong.Flag) string {
	text := valueText(flag.Target)
	switch {
	case text == "":
		return "-"
	case flag.Tag.Has("secret"):
		return "***"
	}
	return text
}

func valueText(value reflect.Value) string {
	if value.Kind() == reflect.Slice {
		entries := make([]string, value.Len())
		for i := range entries {
			entries[i] = valueText(value.Index(i))
		}
		return strings.Join(entries, ",")
	}
	if marshaler, ok := value.Interface().(encoding.TextMarshaler); ok {
		if text, err := marshaler.MarshalText(); err == nil {
			return string(text)
		}
	}
	return fmt.Sprint(value.Interface())
}
