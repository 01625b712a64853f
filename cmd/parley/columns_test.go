package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/parleychat/parley/server"
)

// TestColumns: each person is one line of a list, as they are called, and
// nobody's name or address makes a line or a column of its own.
func TestColumns(t *testing.T) {
	url, data, stop := serveOnce(t)
	names := []string{"=1+1", "+1+cmd", "-2+3", "'quoted'", "{json}", "100%d"}
	for _, name := range names {
		post(t, url+"/api/v1/register", "", fmt.Sprintf(`{"email":"%s@example.org","password":"correct horse"}`, name), new(struct{}))
	}
	stop()

	list := parley(t, map[string]string{"PARLEY_DATA": data}, "user", "list")
	lines := strings.Split(strings.TrimSpace(list.out), "\n")
	if list.code != 0 || len(lines) != len(names)+1 {
		t.Fatalf("got %+v, want a line for each of %d people and a head", list, len(names))
	}
	for i, name := range names {
		fields := strings.Fields(lines[i+1])
		if len(fields) != 6 || fields[0] != fmt.Sprint(i+1) || fields[4] != name+"@example.org" || fields[5] != name {
			t.Errorf("%s is listed as %q", name, lines[i+1])
		}
	}
	asJSON := parley(t, map[string]string{"PARLEY_DATA": data}, "user", "list", "--json")
	for i, text := range strings.Split(strings.TrimSpace(asJSON.out), "\n") {
		var line server.UserLine
		if err := json.Unmarshal([]byte(text), &line); err != nil || line.Name != names[i] {
			t.Errorf("line %d is %s, want %s", i, text, names[i])
		}
	}
}
