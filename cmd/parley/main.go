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

	"github.com/alecthomas/kong"
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

// commandLine is what can be asked of the program.
type commandLine struct {
	Serve       serveCommand       `cmd:"" group:"Running" help:"Run the server."`
	Config      configCommand      `cmd:"" group:"Running" help:"Show the configuration."`
	Healthcheck healthcheckCommand `cmd:"" group:"Running" help:"Ask a running server whether it can serve people; exit code 0 if so. For containers."`
	Version     versionCommand     `cmd:"" group:"Running" help:"Show which Parley this is."`

	User userCommand `cmd:"" group:"People" help:"Look after people's accounts, also while the server runs."`
	Room roomCommand `cmd:"" group:"People" help:"See which rooms there are, and close or rename one."`

	Backup  backupCommand  `cmd:"" group:"Keeping" help:"Copy everything that is kept, also while the server runs."`
	Restore restoreCommand `cmd:"" group:"Keeping" help:"Make a data directory of a backup."`

	Doctor doctorCommand `cmd:"" group:"Looking" help:"Look at configuration, machine, data and server; exit code 1 if something is wrong."`
	Verify verifyCommand `cmd:"" group:"Looking" help:"Compare log, store, numbers and counts; exit code 1 if they differ."`
	Tail   tailCommand   `cmd:"" group:"Looking" help:"Show the log, one record a line, as JSON."`
}

// terminal is where a command writes.
type terminal struct {
	out, err io.Writer
}

// run does what args ask for and returns the exit code.
func run(ctx context.Context, args []string, lookup lookupEnv, environ []string, out, errOut io.Writer) (code int) {
	var cli commandLine
	var exit exitCode
	defer func() {
		// kong ends the program after --help; here it ends this function.
		if ended := recover(); ended != nil {
			if ended != &exit {
				panic(ended)
			}
			code = exit.code
		}
	}()
	sources, err := readSources(args, lookup)
	if err != nil {
		return fail(errOut, err)
	}
	parser, err := kong.New(&cli,
		kong.Name("parley"),
		kong.Description("Real-time chat that you run yourself. Every flag of serve can also be an environment variable (PARLEY_LISTEN for --listen) or a line of the --config file (listen: …); a flag wins over the environment, the environment over the file."),
		kong.ShortUsageOnError(),
		kong.Writers(out, errOut),
		kong.Exit(func(code int) { exit.code = code; panic(&exit) }),
		kong.Vars(defaultTexts()),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return fail(errOut, err)
	}
	if err := sources.attach(parser); err != nil {
		return fail(errOut, err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		parser.FatalIfErrorf(err)
	}
	sources.environ = environ
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(sources, &terminal{out: out, err: errOut}); err != nil {
		return fail(errOut, err)
	}
	return 0
}

type exitCode struct{ code int }

// errSaid ends the program with a failure that was told already.
var errSaid = errors.New("failed")

func fail(w io.Writer, err error) int {
	if !errors.Is(err, errSaid) {
		fmt.Fprintf(w, "parley: %v\n", err)
	}
	return 1
}
