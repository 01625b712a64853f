package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestEveryBugHasACatcher: the table names every bug of package planted, each
// under its own tag, and tests that there are.
func TestEveryBugHasACatcher(t *testing.T) {
	source, err := os.ReadFile("../planted/planted.go")
	if err != nil {
		t.Fatal(err)
	}
	var bugs []string
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+) += bug == "(\w+)"$`).FindAllStringSubmatch(string(source), -1) {
		if m[1] != m[2] {
			t.Errorf("the constant %s is for the bug %q", m[1], m[2])
		}
		bugs = append(bugs, m[1])
	}
	if len(bugs) != len(mutants) {
		t.Fatalf("package planted has %d bugs, the table %d", len(bugs), len(mutants))
	}
	for i, m := range mutants {
		if m.bug != bugs[i] {
			t.Errorf("mutant %d is %s, want %s", i, m.bug, bugs[i])
		}
		plants, err := os.ReadFile("../planted/" + tagOf(m.bug) + ".go")
		if err != nil || !strings.Contains(string(plants), `const bug = "`+m.bug+`"`) {
			t.Errorf("%s is not planted by %s: %v", m.bug, tagOf(m.bug), err)
		}
		for _, c := range m.catchers {
			if c.campaign == "" && !hasTest(t, c) {
				t.Errorf("%s: there is no such test: %s", m.bug, c)
			}
			if c.campaign != "" && c.want == "" {
				t.Errorf("%s: %s fails for other reasons, too; say what it has to find", m.bug, c)
			}
		}
		if len(m.catchers) == 0 {
			t.Errorf("nobody is there to catch %s", m.bug)
		}
	}
}

func hasTest(t *testing.T, c catcher) bool {
	files, err := filepath.Glob("../../" + c.pkg + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(c.test, "/")
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte("\nfunc "+name+"(")) {
			return true
		}
	}
	return false
}

// TestEveryTagBuilds: a bug is a constant, so the server builds with it if
// package planted does.
func TestEveryTagBuilds(t *testing.T) {
	for _, m := range mutants {
		if out, err := exec.Command("go", "build", "-tags", tagOf(m.bug), "../planted").CombinedOutput(); err != nil {
			t.Errorf("%s does not build: %v\n%s", m.bug, err, out)
		}
	}
	if err := exec.Command("go", "build", "-tags", tagOf(mutants[0].bug)+","+tagOf(mutants[1].bug), "../planted").Run(); err == nil {
		t.Error("two bugs at once build")
	}
}

// TestWhatCountsAsCaught: a catcher that says nothing has caught nothing.
func TestWhatCountsAsCaught(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		failed bool
		fails  bool // to come to a judgement
	}{
		"passes":        {script: "echo fine"},
		"says why":      {script: "echo '    x_test.go:12: got 1, want 2'; exit 1", failed: true},
		"panics":        {script: "echo 'panic: no'; exit 2", failed: true},
		"does not say":  {script: "echo oh; exit 1", fails: true},
		"does not end":  {script: "exec sleep 600", fails: true},
		"is not silent": {script: "echo '  y_test.go:3: a note'"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			ctx := t.Context()
			if strings.Contains(c.script, "sleep") {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
				defer cancel()
			}
			var r runner
			found, err := r.watch(ctx, exec.Command("bash", "-c", c.script), testFailure)
			if (err != nil) != c.fails || !c.fails && found.failed != c.failed {
				t.Errorf("got failed %t, %v, want failed %t, an error %t", found.failed, err, c.failed, c.fails)
			}
		})
	}
}

// TestNothingInANormalBuild: the compiler leaves the bugs out, names and all.
func TestNothingInANormalBuild(t *testing.T) {
	program := filepath.Join(t.TempDir(), "parley")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/parley").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{"internal/planted"}, tagOf(mutants[0].bug), mutants[0].bug) {
		if bytes.Contains(text, []byte(name)) {
			t.Errorf("a normal build contains %q", name)
		}
	}
}

func TestCommandLine(t *testing.T) {
	for _, args := range [][]string{{"-only", "NoSuchBug"}, {"now"}, {"-fast"}} {
		var out bytes.Buffer
		if got := command(t.Context(), args, &out); got != 2 {
			t.Errorf("%v: got exit code %d, want 2", args, got)
		}
	}
}

// TestDocumented: docs/testing.md has a row for each bug, with all catchers.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		row := regexp.MustCompile("(?m)^\\| `" + m.bug + "` \\|.*$").Find(text)
		if row == nil {
			t.Errorf("docs/testing.md does not name %s", m.bug)
		}
		for _, c := range m.catchers {
			if !bytes.Contains(row, []byte("`"+c.String()+"`")) {
				t.Errorf("docs/testing.md: the row of %s does not name %s", m.bug, c)
			}
		}
	}
}
