// Command parley is a chat server: web client, sockets, REST and everything
// that is kept, in one process. `parley serve` with nothing at all is a
// complete server on this machine.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the second one ends the process as it would any
	// other: whoever cannot wait for the drain need not.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.LookupEnv, os.Environ(), os.Stdout, os.Stderr))
}

// program is what every command has: where its settings come from besides the
// command line, and where it writes.
type program struct {
	*sources
	out, err io.Writer
}

// run does what args ask for and returns the exit code.
func run(ctx context.Context, args []string, lookup lookupEnv, environ []string, out, errOut io.Writer) (code int) {
	sources, err := readSources(args, lookup, environ)
	if err != nil {
		return fail(errOut, err)
	}
	root := newRoot(&program{sources: sources, out: out, err: errOut})
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	if err := root.ExecuteContext(ctx); err != nil {
		return fail(errOut, err)
	}
	return 0
}

// Groups of commands in the help.
const (
	running = "running"
	people  = "people"
	keeping = "keeping"
	looking = "looking"
	typing  = "typing"
)

// newRoot is the command parley, with all others below it.
func newRoot(p *program) *cobra.Command {
	cobra.EnableCommandSorting = false // they stand in the order of their groups
	root := group("parley", "Real-time chat that you run yourself.")
	root.Long = `Real-time chat that you run yourself. Every flag of serve can also be an
environment variable (PARLEY_LISTEN for --listen) or a line of the --config file
(listen: …); a flag wins over the environment, the environment over the file.`
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetUsageFunc(usage)
	root.AddGroup(
		&cobra.Group{ID: running, Title: "Running"},
		&cobra.Group{ID: people, Title: "People"},
		&cobra.Group{ID: keeping, Title: "Keeping"},
		&cobra.Group{ID: looking, Title: "Looking"},
		&cobra.Group{ID: typing, Title: "Typing"},
	)
	root.SetCompletionCommandGroupID(typing) // cobra adds it behind all others
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; `%s --help` lists what there is", err, cmd.CommandPath())
	})
	root.AddCommand(
		newServe(p), newConfig(p), newHealthcheck(p), newVersion(p),
		newUser(p), newRoom(p),
		newBackup(p), newRestore(p),
		newDoctor(p), newVerify(p), newTail(p),
	)
	p.learn(root)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return p.fill(cmd.Flags()) }
	return root
}

// group is a command that only has others below it.
func group(name, help string, below ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: name, Short: help, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return fmt.Errorf("say which command; `%s --help` lists them", cmd.CommandPath())
	}}
	cmd.AddCommand(below...)
	return cmd
}

// arguments is a command's rule that it takes exactly these.
func arguments(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return fmt.Errorf("%s is missing: %s", names[len(args)], cmd.UseLine())
		case len(args) > len(names):
			return fmt.Errorf("%q is one too many: %s", args[len(names)], cmd.UseLine())
		}
		return nil
	}
}

// errSaid ends the program with a failure that was told already.
var errSaid = errors.New("failed")

func fail(w io.Writer, err error) int {
	if !errors.Is(err, errSaid) {
		fmt.Fprintf(w, "parley: %v\n", err)
	}
	return 1
}
