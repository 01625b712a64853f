package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
)

// prometheus is a real one, that asks a server.
type prometheus struct {
	t   *testing.T
	url string
}

// startPrometheus starts one with the alerts of deploy/, that asks this address
// every second.
func startPrometheus(t *testing.T, target string) *prometheus {
	path, dir, address := rig.Tool(t, "prometheus", "prometheus"), t.TempDir(), rig.FreeAddr(t)
	config := fmt.Sprintf(`global: {scrape_interval: 1s, evaluation_interval: 1s}
scrape_configs:
  - job_name: parley
    static_configs: [{targets: [%q]}]
rule_files: [%q]
`, target, deployed(t, filepath.Join("prometheus", "parley.rules.yaml")))
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	running := rig.Run(t, "prometheus", exec.Command(path, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address))
	p := &prometheus{t: t, url: "http://" + address}
	rig.Eventually(t, "Prometheus to be ready", func() bool {
		running.Alive(t)
		answer, err := http.Get(p.url + "/-/ready")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return p
}

// ask asks its API.
func (p *prometheus) ask(path string, into any) {
	p.t.Helper()
	resp, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: into}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Status != "success" {
		p.t.Errorf("%s: got %s %s, %v", path, answer.Status, answer.Error, err)
	}
}

// query is how many series a question has as its answer.
func (p *prometheus) query(question string) (series int) {
	p.t.Helper()
	var answer struct{ Result []json.RawMessage }
	p.ask("/api/v1/query?query="+url.QueryEscape(question), &answer)
	return len(answer.Result)
}

// alerts are the states of all alerts, by name, and what keeps one from being
// judged.
func (p *prometheus) alerts() (states, broken map[string]string) {
	p.t.Helper()
	var answer struct {
		Groups []struct {
			Rules []struct{ Name, State, Health, LastError string }
		}
	}
	p.ask("/api/v1/rules?type=alert", &answer)
	states, broken = make(map[string]string), make(map[string]string)
	for _, group := range answer.Groups {
		for _, rule := range group.Rules {
			states[rule.Name] = rule.State
			if rule.Health != "ok" {
				broken[rule.Name] = rule.Health + " " + rule.LastError
			}
		}
	}
	return states, broken
}

// TestPrometheus: a real Prometheus reads what a server tells, understands every
// question of the board, judges every alert, and sees that the server was killed.
func TestPrometheus(t *testing.T) {
	admin := rig.FreeAddr(t)
	server := rig.Serve(t, rig.WithEnv(adminListen+admin))
	ann := server.Register("ann")
	room := ann.CreateRoom("harbour")
	socket := ann.Connect()
	socket.Join(room.ID)
	socket.Say(room.ID, "hello")
	p := startPrometheus(t, admin)
	rig.Eventually(t, "the server to be asked twice", func() bool {
		return p.query(`up{job="parley"} == 1`) == 1 && p.query(`rate(parley_deliveries_total[1m])`) > 0
	})

	text, err := os.ReadFile(deployed(t, filepath.Join("grafana", "parley.json")))
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	variables := strings.NewReplacer("$__rate_interval", "1m", "$instance", ".*")
	questions, answered := 0, 0
	for _, panel := range board.Panels {
		for _, target := range panel.Targets {
			questions++
			if p.query(variables.Replace(target.Expr)) > 0 {
				answered++
			}
		}
	}
	// What has not happened, or needs Kafka or Redis, has no numbers yet.
	if questions == 0 || answered < questions/2 {
		t.Errorf("%d of the board's %d questions have an answer", answered, questions)
	}
	t.Logf("%d of the board's %d questions have an answer", answered, questions)

	var states, broken map[string]string
	rig.Eventually(t, "the alerts to be judged", func() bool {
		states, broken = p.alerts()
		return len(states) > 0 && len(broken) == 0
	})
	for name, state := range states {
		if state == "firing" { // pending it may be on a slow machine
			t.Errorf("%s fires, and nothing is wrong", name)
		}
	}
	server.Kill()
	rig.Eventually(t, "ParleyDown", func() bool {
		states, _ = p.alerts()
		return states["ParleyDown"] == "pending" || states["ParleyDown"] == "firing"
	})
}
