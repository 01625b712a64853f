package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

func newVersion(p *program) *cobra.Command {
	return &cobra.Command{Use: "version", GroupID: running, Short: "Show which Parley this is.", Args: arguments(),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(p.out, "parley %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		}}
}
