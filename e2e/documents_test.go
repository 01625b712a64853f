package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// The AsyncAPI document is judged by the schema of its makers, and its examples
// by itself.
func TestAsyncAPIDocument(t *testing.T) {
	node := rig.Tool(t, "node", "Node.js 20 or newer")
	modules := rig.DocumentJudges(t)
	out, err := exec.CommandContext(t.Context(), node, "testdata/documents/asyncapi.mjs", modules, "../docs/asyncapi.json").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// What the document shows as an example of each event of a client can be said
// to a server, by its first person about its first room, and is done.
func TestAsyncAPIExamples(t *testing.T) {
	text, err := os.ReadFile("../docs/asyncapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Operations map[string]struct{ Action string }
		Components struct {
			Messages map[string]struct {
				Examples []struct{ Payload json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	server := rig.Serve(t)
	ann := server.Register("ann")
	server.Register("bob")
	room := ann.CreateRoom("general")
	socket := ann.Connect()
	socket.Join(room.ID)
	socket.Say(room.ID, "The message of seq 2")
	var names []string
	for key, operation := range document.Operations {
		if operation.Action == "receive" {
			names = append(names, key)
		}
	}
	if len(names) < 10 {
		t.Fatalf("the document has %d events of clients", len(names))
	}
	// A deletion comes behind the edit of the same message.
	slices.Sort(names)
	slices.Reverse(names)
	for i, name := range names {
		if name == protocol.DeleteMessage {
			names = append(slices.Delete(names, i, i+1), name)
			break
		}
	}
	for _, name := range names {
		var payload, answer map[string]any
		if err := json.Unmarshal(document.Components.Messages[name].Examples[0].Payload, &payload); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, given := payload["token"]; given {
			payload["token"] = ann.Token
		}
		socket.Ask(&answer, name, payload)
	}
}

// The Postman collection is run from the top by newman, against a new server
// whose owner it becomes: every answer is one that the document knows, and but
// for few every call succeeds.
func TestPostmanCollection(t *testing.T) {
	node := rig.Tool(t, "node", "Node.js 20 or newer")
	modules := rig.DocumentJudges(t)
	server := rig.Serve(t)
	server.Register("somebody") // has id 1, for the calls about somebody else
	link := regexp.MustCompile(`#token=([\w-]+)`).FindStringSubmatch(server.Log())
	if link == nil {
		t.Fatalf("the server prints no link to set up:\n%s", server.Log())
	}
	report := filepath.Join(t.TempDir(), "report.json")
	newman := exec.CommandContext(t.Context(), node, filepath.Join(modules, "newman", "bin", "newman.js"),
		"run", "../docs/postman.json", "--color", "off", "--disable-unicode",
		"--env-var", "server="+server.URL, "--env-var", "email=postman@example.org", "--env-var", "handle=postman",
		"--env-var", "user=1", "--env-var", "setupToken="+link[1], "--reporters", "cli,json", "--reporter-json-export", report)
	if out, err := newman.CombinedOutput(); err != nil {
		t.Fatalf("newman: %v\n%s", err, out)
	}
	// Nobody has a link to reset the password, nor a picture yet, and the only
	// owner cannot leave.
	mayFail := map[string]bool{"POST /api/v1/reset": true, "GET /api/v1/pictures/{{picture}}": true, "POST /api/v1/rooms/{{room}}/leave": true}
	for _, run := range readReport(t, report) {
		name := run.Item.Request.Method + " " + run.path()
		if run.Response.Code >= 300 && !mayFail[name] && !signedOut[name] {
			t.Errorf("%s was answered %d", name, run.Response.Code)
		}
	}
}

// signedOut are the calls behind the one that ends the session.
var signedOut = map[string]bool{
	"DELETE /api/v1/me/sessions/{{session}}": true, "DELETE /api/v1/me/sessions": true, "DELETE /api/v1/me": true,
}

// ran is a call that newman made.
type ran struct {
	Item struct {
		Request struct {
			Method string
			URL    struct{ Path []string }
		}
	}
	Response struct{ Code int }
}

func (r ran) path() string {
	path := ""
	for _, part := range r.Item.Request.URL.Path {
		path += "/" + part
	}
	return path
}

func readReport(t *testing.T, file string) []ran {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var report struct{ Run struct{ Executions []ran } }
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&report); err != nil {
		t.Fatal(err)
	}
	if len(report.Run.Executions) < 40 {
		t.Fatalf("newman made %d calls", len(report.Run.Executions))
	}
	return report.Run.Executions
}
