package api

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/docs"
	"github.com/parleychat/parley/internal/asyncapi"
	"github.com/parleychat/parley/internal/outline"
)

func TestDocumentOfSocketsIsCommitted(t *testing.T) {
	made, err := asyncapi.Document(asyncapi.Source{Protocol: "../protocol", Examples: "../chat/testdata"})
	if err != nil {
		t.Fatal(err)
	}
	committed(t, "asyncapi.json", made)
	if *update {
		t.Skip("what this program would serve is from before the update")
	}
	answer := get(t, surface(t), "/api/v1/asyncapi.json")
	if !bytes.Equal(answer.Body.Bytes(), made) {
		t.Error("/api/v1/asyncapi.json is not docs/asyncapi.json")
	}
	if got := answer.Header().Get("Content-Type"); got != asyncAPIType {
		t.Errorf("got content type %q, want %q", got, asyncAPIType)
	}
}

// socketDocument is what tests look at in the AsyncAPI document.
type socketDocument struct {
	Operations map[string]struct {
		Action   string
		Summary  string
		Reply    *struct{ Messages []any }
		Refusals []struct{ Code chat.Code } `json:"x-refusals"`
	}
	Components struct {
		Messages map[string]struct {
			Description string
			Examples    []struct{ Payload json.RawMessage }
		}
		Schemas map[string]struct {
			Description string
			Properties  map[string]struct {
				Minimum, Maximum, MinLength, MaxLength int
				Pattern                                string
			}
		}
	}
}

func readSocketDocument(t *testing.T) socketDocument {
	t.Helper()
	var document socketDocument
	if err := json.Unmarshal(docs.AsyncAPI, &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// What the gateway takes is what the document says that clients send, no more
// and no less. The gateway is asked by its source, so that an event cannot be
// added to one alone.
func TestDocumentHasEveryEventOfTheGateway(t *testing.T) {
	source, err := outline.Read("../protocol")
	if err != nil {
		t.Fatal(err)
	}
	value := make(map[string]string)
	for _, constant := range source.Constants() {
		value[constant.Name] = constant.Value
	}
	var taken, documented []string
	for _, name := range gatewayCases(t) {
		if value[name] == "" {
			t.Errorf("gateway/dispatch.go has a case %s that is no constant of package protocol", name)
		}
		taken = append(taken, value[name])
	}
	for name, operation := range readSocketDocument(t).Operations {
		if operation.Action == "receive" {
			documented = append(documented, name)
		}
	}
	slices.Sort(taken)
	slices.Sort(documented)
	if diff := cmp.Diff(taken, documented); diff != "" {
		t.Errorf("events of clients (-gateway +document):\n%s", diff)
	}
}

// gatewayCases are the constants in the cases of the gateway's dispatcher.
func gatewayCases(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../gateway/dispatch.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, declaration := range file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok || function.Name.Name != "dispatch" {
			continue
		}
		ast.Inspect(function, func(n ast.Node) bool {
			clause, ok := n.(*ast.CaseClause)
			if !ok {
				return true
			}
			for _, expression := range clause.List {
				if selector, ok := expression.(*ast.SelectorExpr); ok {
					names = append(names, selector.Sel.Name)
				} else {
					t.Errorf("a case of the gateway's dispatcher is no constant of package protocol: %T", expression)
				}
			}
			return true
		})
	}
	if len(names) < 10 {
		t.Fatalf("found %d cases in gateway/dispatch.go; did its form change?", len(names))
	}
	return names
}

// Every event says what it is for and shows an example, a client's one what it
// is answered and refused with; every reference leads somewhere.
func TestDocumentOfSocketsIsComplete(t *testing.T) {
	document := readSocketDocument(t)
	for name, operation := range document.Operations {
		if len(operation.Summary) < 10 {
			t.Errorf("%s: got summary %q", name, operation.Summary)
		}
		if len(document.Components.Messages[name].Examples) == 0 {
			t.Errorf("%s has no example", name)
		}
		if operation.Action == "receive" && (operation.Reply == nil || len(operation.Reply.Messages) != 2 || len(operation.Refusals) < 4) {
			t.Errorf("%s: got reply %v and refusals %v", name, operation.Reply, operation.Refusals)
		}
	}
	for name := range document.Components.Schemas {
		if document.Components.Schemas[name].Description == "" {
			t.Errorf("the schema %s has no description", name)
		}
	}
	var whole any
	if err := json.Unmarshal(docs.AsyncAPI, &whole); err != nil {
		t.Fatal(err)
	}
	references := regexp.MustCompile(`"\$ref": "#/([^"]+)"`).FindAllSubmatch(docs.AsyncAPI, -1)
	if len(references) < 50 {
		t.Fatalf("found %d references", len(references))
	}
	for _, reference := range references {
		found := whole
		for part := range strings.SplitSeq(string(reference[1]), "/") {
			object, _ := found.(map[string]any)
			found = object[part]
		}
		if found == nil {
			t.Errorf("#/%s leads nowhere", reference[1])
		}
	}
}

// The limits that stand in tags are those of the code.
func TestDocumentedLimits(t *testing.T) {
	schemas := readSocketDocument(t).Components.Schemas
	for _, test := range []struct {
		what      string
		got, want int
	}{
		{"length of a message", schemas["SendRequest"].Properties["messageText"].MaxLength, chat.MaxMessageChars},
		{"length of an edit", schemas["EditRequest"].Properties["messageText"].MaxLength, chat.MaxMessageChars},
		{"length of a cid", schemas["SendRequest"].Properties["cid"].MaxLength, chat.MaxCIDChars},
		{"length of a change's cid", schemas["DeleteRequest"].Properties["cid"].MaxLength, chat.MaxCIDChars},
		{"length of a leave's cid", schemas["LeaveRequest"].Properties["cid"].MaxLength, chat.MaxCIDChars},
		{"size of a page", schemas["PageRequest"].Properties["limit"].Maximum, chat.MaxPage},
		{"latest", schemas["JoinRequest"].Properties["latest"].Maximum, chat.MaxPage},
		{"count", schemas["RecentRequest"].Properties["count"].Maximum, chat.MaxPage},
	} {
		if test.got != test.want {
			t.Errorf("%s: the document says %d, the code %d", test.what, test.got, test.want)
		}
	}
	if cid := regexp.MustCompile(schemas["SendRequest"].Properties["cid"].Pattern); cid.MatchString("a b") || !cid.MatchString("A-z_09") {
		t.Errorf("the pattern of a cid is %s", cid)
	}
}
