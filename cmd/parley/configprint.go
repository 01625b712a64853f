package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newConfig(p *program) *cobra.Command {
	config := group("config", "Show the configuration.", newConfigPrint(p))
	config.GroupID = running
	return config
}

func newConfigPrint(p *program) *cobra.Command {
	var o options
	cmd := &cobra.Command{Use: "print", Args: arguments(), Short: "Show each effective setting and where it comes from.",
		RunE: func(cmd *cobra.Command, _ []string) error { return printConfig(cmd.LocalNonPersistentFlags(), &o, p) }}
	o.register(cmd.Flags())
	return cmd
}

// printConfig prints the settings that serve would run with, and says what is
// wrong with them.
func printConfig(flags *pflag.FlagSet, o *options, p *program) error {
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Name == "help" {
			return
		}
		source, found := p.from[flag.Name]
		if !found {
			source = "default"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", flag.Name, shown(flag), source)
	})
	if err := table.Flush(); err != nil {
		return err
	}
	for _, name := range p.unknownEnv() {
		fmt.Fprintf(p.err, "parley: the environment variable %s is no setting and has no effect\n", name)
	}
	cfg := o.server()
	return cfg.Validate()
}

// shown is a setting's value as it may be seen by whoever looks over the
// shoulder: types of secrets do not show them.
func shown(flag *pflag.Flag) string {
	text := flag.Value.String()
	if list, ok := flag.Value.(pflag.SliceValue); ok {
		text = strings.Join(list.GetSlice(), ",")
	}
	if text == "" {
		return "-"
	}
	return text
}
