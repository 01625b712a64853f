package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/parleychat/parley/server"
)

type lookupEnv func(name string) (value string, found bool)

// sources is where values come from besides the command line, and remembers
// which one each value came from. A flag wins over the environment, the
// environment over the file, the file over PORT, PORT over the default.
type sources struct {
	lookup   lookupEnv
	environ  []string // NAME=value, to find names that mean nothing
	filePath string
	file     map[string]string // by flag
	from     map[string]string // by flag: where the value came from
	flags    []string          // every flag that can be set
}

const envPrefix = "PARLEY_"

// readSources reads the file that --config or PARLEY_CONFIG names. The command
// line is looked at here before it is parsed, so that an unreadable file is told
// before anything else.
func readSources(args []string, lookup lookupEnv, environ []string) (*sources, error) {
	s := &sources{lookup: lookup, environ: environ, from: make(map[string]string)}
	s.filePath, _ = lookup(envPrefix + "CONFIG")
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if path, found := strings.CutPrefix(arg, "--config="); found {
			s.filePath = path
		} else if arg == "--config" && i+1 < len(args) {
			s.filePath = args[i+1]
		}
	}
	if s.filePath == "" {
		return s, nil
	}
	text, err := os.ReadFile(s.filePath)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	if s.file, err = parseFile(text); err != nil {
		return nil, fmt.Errorf("config %s: %w", s.filePath, err)
	}
	return s, nil
}

// parseFile reads a flat YAML mapping of settings. A list is the same as its
// entries with commas between them.
func parseFile(text []byte) (map[string]string, error) {
	var settings map[string]yaml.Node
	if err := yaml.Unmarshal(text, &settings); err != nil {
		return nil, err
	}
	values := make(map[string]string, len(settings))
	for name, node := range settings {
		value, err := settingText(&node)
		if err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", node.Line, name, err)
		}
		values[name] = value
	}
	return values, nil
}

func settingText(node *yaml.Node) (string, error) {
	switch node.Kind {
	case yaml.ScalarNode:
		if node.Tag == "!!null" {
			return "", nil
		}
		return node.Value, nil
	case yaml.SequenceNode:
		entries := make([]string, len(node.Content))
		for i, entry := range node.Content {
			if entry.Kind != yaml.ScalarNode || strings.Contains(entry.Value, ",") {
				return "", fmt.Errorf("entry %d is no plain value", i+1)
			}
			entries[i] = entry.Value
		}
		return strings.Join(entries, ","), nil
	}
	return "", fmt.Errorf("give one value, or a list of values")
}

// learn takes note of what can be set: the flags of the commands that take
// settings.
func (s *sources) learn(root *cobra.Command) {
	for _, command := range root.Commands() {
		if takesSettings(command.Name()) {
			command.Flags().VisitAll(func(flag *pflag.Flag) { s.flags = append(s.flags, flag.Name) })
		}
	}
}

// takesSettings reports whether all flags of a command can be set in the file
// and the environment. Of other commands only those that have the same name as
// one of these are: --data, but not the --from of one call.
func takesSettings(command string) bool { return command == "serve" || command == "healthcheck" }

// fill gives flags that the command line has not set the value of the strongest
// source that has one, and refuses settings of the file that mean nothing.
func (s *sources) fill(flags *pflag.FlagSet) error {
	for name := range s.file {
		if !slices.Contains(s.flags, name) || name == "config" {
			return fmt.Errorf("config %s: there is no setting %q; `parley serve --help` lists them", s.filePath, name)
		}
	}
	var errs []error
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Changed {
			s.from[flag.Name] = "--" + flag.Name
			return
		}
		if !slices.Contains(s.flags, flag.Name) {
			return
		}
		for _, source := range []func(flag string) (value, from string){s.fromEnv, s.fromFile, s.fromPort} {
			if value, from := source(flag.Name); value != "" {
				s.from[flag.Name] = from
				if err := flag.Value.Set(value); err != nil {
					errs = append(errs, fmt.Errorf("%s of %s: %w", flag.Name, from, err))
				}
				return
			}
		}
	})
	return errors.Join(errs...)
}

// fromPort lets Turbo-Chat's PORT choose the port of the default address.
func (s *sources) fromPort(flag string) (value, from string) {
	port, _ := s.lookup("PORT")
	if flag != "listen" || port == "" {
		return "", ""
	}
	host, _, err := net.SplitHostPort(server.Default().Listen)
	if err != nil {
		return "", ""
	}
	return net.JoinHostPort(host, port), "PORT"
}

func (s *sources) fromFile(flag string) (value, from string) { return s.file[flag], s.filePath }

func (s *sources) fromEnv(flag string) (value, from string) {
	name := envName(flag)
	value, _ = s.lookup(name)
	return value, name
}

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// unknownEnv lists variables that look like settings and are none: a typing
// error, or a setting of another version.
func (s *sources) unknownEnv() []string {
	var unknown []string
	for _, variable := range s.environ {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, envPrefix) {
			continue
		}
		if !slices.ContainsFunc(s.flags, func(flag string) bool { return envName(flag) == name }) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}
