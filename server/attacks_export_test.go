package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/server"
)

// Attack A52: what is written for other programs.

// exports: nothing that leaves a server is a table for spreadsheets, and no mail
// is sent, so there is no formula and no header to smuggle in; what operators
// export is JSON, a line each, or columns (cmd/parley TestColumns), whatever
// somebody is called.
func exports(t *testing.T) {
	for _, pkg := range listPackages(t) {
		if strings.HasPrefix(pkg.ImportPath, module+"bench/") {
			continue // no part of the program
		}
		for _, path := range []string{"encoding/csv", "net/smtp", "net/textproto", "text/template"} {
			if slices.Contains(pkg.Imports, path) {
				t.Errorf("%s imports %s: show here that nothing can be smuggled into what it writes", pkg.ImportPath, path)
			}
		}
	}

	cfg := config(t)
	n, clock := startWithClock(t, cfg)
	owner := n.owner("owner@example.org")
	var document struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct{ Content map[string]any }
		}
	}
	owner.do("GET", "/api/v1/openapi.json", nil).want(http.StatusOK).into(&document)
	for path, methods := range document.Paths {
		for method, call := range methods {
			for _, response := range call.Responses {
				for kind := range response.Content {
					if !strings.HasSuffix(kind, "json") && !strings.HasPrefix(kind, "image/") {
						t.Errorf("%s %s answers with %s", method, path, kind)
					}
				}
			}
		}
	}

	formulas := []string{
		`=1+1`, `=HYPERLINK("http://evil.test","x")`, `=cmd|' /C calc'!A0`, `+1+cmd`, `-2+3`, `@SUM(1;2)`, `%0A=1`, `"; =1`, `a,b;c|d`, `'=1`,
	}
	var said []string
	for i, formula := range formulas {
		clock.pass(refill)
		who := n.join(fmt.Sprintf("f%d@example.org", i))
		who.do("PATCH", "/api/v1/me", map[string]string{"name": formula}).want(http.StatusOK)
		room := who.create(protocol.CreateRoom{Kind: "private", Name: formula})
		who.say(room, formula)
		said = append(said, formula)
	}
	// What ends a line or a column is in no name, no room and no address.
	for _, mark := range []string{"\n", "\r", "\t", "\v", "\f", "\x00", "\x1b[2K", "\u0085", "\u2028", "\u2029", "\u202e"} {
		clock.pass(refill)
		owner.do("PATCH", "/api/v1/me", map[string]string{"name": "a" + mark + "=1"}).wantCode(http.StatusBadRequest, "invalid")
		owner.do("POST", "/api/v1/rooms", map[string]string{"name": "a" + mark + "=1"}).wantCode(http.StatusBadRequest, "invalid")
		for _, address := range []string{"a" + mark + "Bcc:@example.org", "a@example.org" + mark + "Bcc: b@example.org", `"a` + mark + `"@example.org`} {
			n.client().do("POST", "/api/v1/register", credentials(address)).wantCode(http.StatusBadRequest, "invalid")
		}
	}

	n.stop()
	o := operate(t, cfg)
	lines := func(command string, request any, name func(json.RawMessage) string) (names []string) {
		t.Helper()
		err := o.Call(t.Context(), command, request, func(text []byte) error {
			if strings.ContainsAny(string(text), "\n\r\x00") || !json.Valid(text) {
				t.Errorf("%s writes %q, want one line of JSON", command, text)
			}
			names = append(names, name(text))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	read := func(field string) func(json.RawMessage) string {
		return func(text json.RawMessage) string {
			var line map[string]any
			_ = json.Unmarshal(text, &line)
			value, _ := line[field].(string)
			return value
		}
	}
	records := func(text json.RawMessage) string {
		var line server.TailLine
		_ = json.Unmarshal(text, &line)
		return read("messageText")(line.Value)
	}
	for command, got := range map[string][]string{
		"user-list": lines("user-list", struct{}{}, read("name")),
		"room-list": lines("room-list", struct{}{}, read("name")),
		"tail":      lines("tail", server.TailRequest{From: offset(server.FromBeginning)}, records),
	} {
		for _, formula := range said {
			if !slices.Contains(got, formula) {
				t.Errorf("%s does not have %q as it was written: %q", command, formula, got)
			}
		}
	}
}
