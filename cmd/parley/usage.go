package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// helpWidth is how wide help is, in columns.
const helpWidth = 100

// usage tells how a command is used.
func usage(cmd *cobra.Command) error {
	var text strings.Builder
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&text, "Usage: %s COMMAND\n", cmd.CommandPath())
	} else {
		fmt.Fprintf(&text, "Usage: %s\n", cmd.UseLine())
	}
	commands := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	titles := map[string]string{"": "Commands"}
	for _, group := range cmd.Groups() {
		titles[group.ID] = group.Title
	}
	last := "none"
	for _, below := range cmd.Commands() {
		if !below.IsAvailableCommand() {
			continue
		}
		if below.GroupID != last {
			fmt.Fprintf(commands, "\n%s\n", titles[below.GroupID])
			last = below.GroupID
		}
		fmt.Fprintf(commands, "  %s\t%s\n", below.Name(), below.Short)
	}
	if err := commands.Flush(); err != nil {
		return err
	}
	if flags := cmd.LocalFlags(); flags.HasAvailableFlags() {
		fmt.Fprintf(&text, "\nFlags\n%s", flags.FlagUsagesWrapped(helpWidth))
	}
	_, err := fmt.Fprint(cmd.OutOrStderr(), text.String())
	return err
}
