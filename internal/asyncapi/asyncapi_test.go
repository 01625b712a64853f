package asyncapi

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
)

const sample = `// Package sample is one.
//
// # How
//
// Like this:
//
//   - first
//   - second
package sample

const (
	Say   = "say"  // SayRequest → Said; forbidden
	Told  = "told" // []Said: somebody said something
	Aloud = "say"  // Room, where somebody says something
)

// Room names a room.
type Room struct {
	ID int64 ` + "`json:\"id\" doc:\"the room's id\" example:\"7\"`" + `
}

// SayRequest says something. More than
// once, if need be.
type SayRequest struct {
	Room
	Text  string ` + "`json:\"text,omitempty\" maxLength:\"5\" minLength:\"1\"`" + `
	Where *Room  ` + "`json:\"where,omitempty\" doc:\"elsewhere\"`" + `
}

// Said is what was said.
type Said struct {
	OK  bool   ` + "`json:\"ok\"`" + `
	Seq uint64 ` + "`json:\"seq\" minimum:\"1\"`" + `
}

// Refusal is a no.
type Refusal struct {
	OK bool ` + "`json:\"ok\"`" + `
}
`

// write makes a package and an example of it.
func write(t *testing.T, text string) Source {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"sample.go": text, "message.json": `{"seq":1}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Source{Protocol: dir, Examples: dir}
}

func TestDocument(t *testing.T) {
	text, err := Document(write(t, sample))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Info       struct{ Description string }
		Operations map[string]struct {
			Action, Description string
			Refusals            []struct{ Code chat.Code } `json:"x-refusals"`
		}
		Components struct {
			Messages map[string]struct {
				Name     string
				Examples []struct{ Payload json.RawMessage }
			}
			Schemas map[string]any
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if want := "## How\n\nLike this:\n\n- first\n- second"; got.Info.Description != want {
		t.Errorf("description: got %q, want %q", got.Info.Description, want)
	}
	say, told := got.Operations["say"], got.Operations["told"]
	if say.Action != "receive" || say.Description != "Says something. More than once, if need be." {
		t.Errorf("say: got %+v", say)
	}
	if told.Action != "send" || told.Description != "Somebody said something.\n\nWhat was said." {
		t.Errorf("told: got %+v", told)
	}
	// Both sides have an event of this name; its payload names the server's.
	if aloud := got.Operations["Room"]; aloud.Action != "send" || got.Components.Messages["Room"].Name != "say" {
		t.Errorf("say, of the server: got %+v", aloud)
	}
	var codes []chat.Code
	for _, refusal := range say.Refusals {
		codes = append(codes, refusal.Code)
	}
	if diff := cmp.Diff([]chat.Code{chat.Invalid, chat.Forbidden, chat.TooLarge, chat.Internal}, codes); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
	wantSchemas := map[string]any{
		"Room": map[string]any{
			"type": "object", "description": "Names a room.", "required": []any{"id"},
			"properties": map[string]any{"id": map[string]any{"type": "integer", "description": "the room's id"}},
		},
		"SayRequest": map[string]any{
			"type": "object", "description": "Says something. More than once, if need be.", "required": []any{"id"},
			"properties": map[string]any{
				"id":   map[string]any{"type": "integer", "description": "the room's id"},
				"text": map[string]any{"type": "string", "minLength": 1., "maxLength": 5.},
				"where": map[string]any{
					"allOf": []any{map[string]any{"$ref": "#/components/schemas/Room"}}, "description": "elsewhere",
				},
			},
		},
		"Said": map[string]any{
			"type": "object", "description": "What was said.", "required": []any{"ok", "seq"},
			"properties": map[string]any{
				"ok":  map[string]any{"type": "boolean", "const": true},
				"seq": map[string]any{"type": "integer", "minimum": 1.},
			},
		},
		"Refusal": map[string]any{
			"type": "object", "description": "A no.", "required": []any{"ok"},
			"properties": map[string]any{"ok": map[string]any{"type": "boolean", "const": false}},
		},
	}
	if diff := cmp.Diff(wantSchemas, got.Components.Schemas); diff != "" {
		t.Errorf("schemas (-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{"say": `{"id":7}`, "told": `[{"ok":true,"seq":1}]`, "Refusal": `{"ok":false}`} {
		if got := compact(t, got.Components.Messages[name].Examples[0].Payload); got != want {
			t.Errorf("example of %s: got %s, want %s", name, got, want)
		}
	}
}

func compact(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDocumentRefuses(t *testing.T) {
	for _, test := range []struct{ from, to, want string }{
		{"SayRequest → Said; forbidden", "what somebody says", "Say: the comment behind it"},
		{"SayRequest → Said; forbidden", "SayRequest → Said; forbiden", `Say: there is no code "forbiden"`},
		{"SayRequest → Said; forbidden", "Nothing → Said", "say: there is no struct Nothing"},
		{"SayRequest → Said; forbidden", "SayRequest → Nothing", "say: there is no struct Nothing"},
		{"// SayRequest says something. More than\n// once, if need be.\n", "", "say: SayRequest has no comment"},
		{`maxLength:\"5\"`, `maxLength:\"five\"`, "SayRequest.text: maxLength"},
		{`Where *Room `, `Where *Place `, "SayRequest.where: there is no struct Place"},
	} {
		from, to := strings.ReplaceAll(test.from, `\"`, `"`), strings.ReplaceAll(test.to, `\"`, `"`)
		if !strings.Contains(sample, from) {
			t.Fatalf("the sample has no %q", from)
		}
		_, err := Document(write(t, strings.Replace(sample, from, to, 1)))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("with %q: got error %v, want one with %q", to, err, test.want)
		}
	}
	if _, err := Document(Source{Protocol: write(t, sample).Protocol, Examples: t.TempDir()}); err == nil {
		t.Error("without examples: got no error")
	}
}
