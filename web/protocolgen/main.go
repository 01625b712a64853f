// Protocolgen writes the TypeScript types of the client library, which the web
// client has too, from the Go structs of package protocol, so that both ends
// have one source of truth.
//
//	go run ./web/protocolgen          write the types
//	go run ./web/protocolgen -check   exit 1 when they are out of date
//
// Run it from the module's root.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
)

const source = "protocol"

const target = "clients/typescript/src/protocol.ts"

func main() {
	check := flag.Bool("check", false, "only compare, exit 1 when out of date")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "protocolgen:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	want, err := generate(source)
	if err != nil {
		return err
	}
	if !check {
		return os.WriteFile(target, want, 0o644)
	}
	got, err := os.ReadFile(target)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%s is out of date: go run ./web/protocolgen", target)
	}
	return nil
}
