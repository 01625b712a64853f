package server_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
)

// requestID is different in every answer.
var requestID = regexp.MustCompile(`"requestId":"\w+"`)

// The examples of docs/rest.md are run as they stand there; what is shown
// behind one is what it prints.
func TestRESTExamples(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "sed", "grep"} {
		rig.Tool(t, tool, tool)
	}
	text, err := os.ReadFile("../docs/rest.md")
	if err != nil {
		t.Fatal(err)
	}
	n := start(t, config(t))
	// One shell for all, for they build on each other. A line of its own ends
	// what an example prints.
	const end = "--end of example--"
	script := "set -eu\nSERVER=" + n.URL() + "\n"
	var wants []string
	for _, block := range regexp.MustCompile("(?ms)^```(sh|json|text)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		if block[1] == "sh" {
			script += block[2] + "echo; echo '" + end + "'\n"
			wants = append(wants, "")
			continue
		}
		wants[len(wants)-1] = strings.TrimSpace(block[2])
	}
	command := exec.CommandContext(t.Context(), "sh", "-c", script)
	command.Stderr = os.Stderr
	printed, err := command.Output()
	if err != nil {
		t.Fatalf("the examples: %v, after they printed\n%s", err, printed)
	}
	got := strings.Split(string(printed), end+"\n")
	if len(got) != len(wants)+1 || len(wants) < 7 {
		t.Fatalf("%d of %d examples ran:\n%s", len(got)-1, len(wants), printed)
	}
	for i, want := range wants {
		text := requestID.ReplaceAllString(strings.TrimSpace(got[i]), `"requestId":"…"`)
		if want != "" && text != want {
			t.Errorf("example %d printed\n%s\nwant\n%s", i+1, text, want)
		}
		if strings.Contains(text, `"code":"`) && !strings.Contains(want, `"code":"`) {
			t.Errorf("example %d was refused: %s", i+1, text)
		}
	}
}
