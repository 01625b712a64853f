package outline

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	got, err := Read(packageOf(t, `// Package sample is one.
package sample

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
	id := Field{Name: "id", Type: Type{Name: "int64"}, Tag: `json:"id" doc:"its id"`}
	rest := []Field{
		{Name: "text", Type: Type{Name: "string"}, Tag: `json:"text"`},
		{Name: "count", Optional: true, Type: Type{Name: "uint64"}, Tag: `json:"count"`},
		{Name: "rooms", Optional: true, Type: Type{Name: "Room", Array: true}, Tag: `json:"rooms,omitempty"`},
		{Name: "events", Type: Type{Name: Raw, Array: true}, Tag: `json:"events" ts:"Room[]"`},
	}
	want := &Package{Doc: "Package sample is one.\n", Parts: []Part{
		&Constants{Doc: "Names of things.\n", List: []Constant{{Name: "Say", Value: "say", Comment: "Said → OK"}}},
		&Struct{Name: "Room", Doc: "Room names a room.\n", Fields: []Field{id}},
		&Struct{Name: "Said", Fields: append([]Field{{Embeds: "Room"}}, rest...)},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Read (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(append([]Field{id}, rest...), got.Flat(got.Struct("Said"))); diff != "" {
		t.Errorf("Flat (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Constant{{Name: "Say", Value: "say", Comment: "Said → OK"}}, got.Constants()); diff != "" {
		t.Errorf("Constants (-want +got):\n%s", diff)
	}
	if got.Struct("Nobody") != nil {
		t.Error("there is a struct Nobody")
	}
	if got := reflect.StructTag(id.Tag).Get("doc"); got != "its id" {
		t.Errorf("doc of id: got %q", got)
	}
}

func TestReadRefuses(t *testing.T) {
	tests := []struct{ declaration, want string }{
		{"const Max = 3", "only string constants"},
		{`const A, B = "a", "b"`, "one name and one value"},
		{"type ID int64", "only structs"},
		{"type Room struct { Name string }", "Room.Name: no tag"},
		{"type Room struct { Name string `json:\",omitempty\"` }", "no json name"},
		{"type Room struct { Done chan int `json:\"done\"` }", "Room.Done: its type"},
		{"type Room struct { *Base }", "it is embedded"},
		{"type Room struct {", "expected"},
	}
	for _, test := range tests {
		_, err := Read(packageOf(t, "package sample\n"+test.declaration+"\n"))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", test.declaration, err, test.want)
		}
	}
	if _, err := Read(t.TempDir()); err == nil {
		t.Error("empty directory: got no error")
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
