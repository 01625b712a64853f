package deploy

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	rulesFile = "prometheus/parley.rules.yaml"
	boardFile = "grafana/parley.json"
)

// board is as much of Grafana's format as is looked at.
type board struct {
	Title  string
	Panels []struct {
		ID      int
		Title   string
		GridPos struct{ X, Y, W, H int }
		Targets []struct{ Expr string }
	}
}

func readBoard(t *testing.T) board {
	t.Helper()
	text, err := os.ReadFile(boardFile)
	if err != nil {
		t.Fatal(err)
	}
	var b board
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatalf("%s: %v", boardFile, err)
	}
	return b
}

// Every panel of the board has an id, a title and a place of its own, and asks
// for something.
func TestBoard(t *testing.T) {
	ids, places := make(map[int]bool), make(map[string]bool)
	b := readBoard(t)
	for _, panel := range b.Panels {
		place := fmt.Sprint(panel.GridPos.X, panel.GridPos.Y)
		if ids[panel.ID] || places[place] || panel.Title == "" || len(panel.Targets) == 0 || panel.GridPos.X+panel.GridPos.W > 24 {
			t.Errorf("panel %+v", panel)
		}
		ids[panel.ID], places[place] = true, true
	}
	if len(b.Panels) == 0 {
		t.Error("there are no panels")
	}
}

// Alerts, and the questions of the board, are what Prometheus understands.
func TestQuestions(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("PARLEY_TEST_REQUIRED") != "" {
			t.Fatal("required, but there is no promtool here (install prometheus)")
		}
		t.Skip("SKIPPED: there is no promtool here (install prometheus)")
	}
	var asked strings.Builder
	asked.WriteString("groups:\n- name: board\n  rules:\n")
	variables := strings.NewReplacer("$__rate_interval", "1m", "$instance", ".*")
	questions := 0
	for _, panel := range readBoard(t).Panels {
		for _, target := range panel.Targets {
			questions++
			fmt.Fprintf(&asked, "  - record: question:%d\n    expr: %q\n", questions, variables.Replace(target.Expr))
		}
	}
	boardRules := filepath.Join(t.TempDir(), "board.yaml")
	if err := os.WriteFile(boardRules, []byte(asked.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{rulesFile: "rules found", boardRules: fmt.Sprintf("%d rules found", questions)} {
		output, err := exec.Command(promtool, "check", "rules", path).CombinedOutput()
		if err != nil || !strings.Contains(string(output), want) {
			t.Errorf("promtool check rules %s: %v\n%s", path, err, output)
		}
	}
}

// An alert that does not say what to do is noise.
func TestAlertsSayWhatToDo(t *testing.T) {
	text, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	alerts := strings.Split(string(text), "- alert: ")[1:]
	for _, alert := range alerts {
		name, _, _ := strings.Cut(alert, "\n")
		for _, part := range []string{"\n        expr: ", "severity: ", "summary: ", "do: "} {
			if strings.Count(alert, part) != 1 {
				t.Errorf("%s has %q %d times, want once", name, part, strings.Count(alert, part))
			}
		}
	}
	if len(alerts) == 0 {
		t.Error("there are no alerts")
	}
}
