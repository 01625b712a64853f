package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCommittedTypesAreUpToDate(t *testing.T) {
	want, err := generate("../../protocol")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "..", target))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s; run: go run ./web/protocolgen (-want +got):\n%s", target, diff)
	}
}

func TestGenerate(t *testing.T) {
	got, err := generate(packageOf(t, `package sample

import "encoding/json"

// Names of things.
const (
	Say = "say" // Said → OK
)

// Room names a room.
type Room struct {
	ID int64 `+"`json:\"id\" doc:\"its id\"`"+`
}

type Said struct {
	Room
	Text   string            `+"`json:\"text\"`"+`
	Count  *uint64           `+"`json:\"count\"`"+`
	Rooms  []Room            `+"`json:\"rooms,omitempty\"`"+`
	Events []json.RawMessage `+"`json:\"events\" ts:\"Room[]\"`"+`
	Secret string            `+"`json:\"-\"`"+`
}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := banner + `
/** Names of things. */

/** Said → OK */
export const Say = 'say';

/** Room names a room. */
export interface Room {
  /** its id */
  id: number;
}

export interface Said extends Room {
  text: string;
  count?: number;
  rooms?: Room[];
  events: Room[];
}
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("generate (-want +got):\n%s", diff)
	}
}

func TestGenerateRefuses(t *testing.T) {
	if _, err := generate(packageOf(t, "package sample\ntype ID int64\n")); err == nil || !strings.Contains(err.Error(), "only structs") {
		t.Errorf("got error %v, want one about what has a place in the protocol", err)
	}
}

func packageOf(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sample.go"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}
