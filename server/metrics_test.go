package server_test

import (
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/protocol"
)

// startWithMetrics starts a server that the operator's tools reach.
func startWithMetrics(t *testing.T) (*node, *clock) {
	t.Helper()
	cfg := config(t)
	cfg.AdminListen = "127.0.0.1:0"
	return startWithClock(t, cfg)
}

// admin asks the operator's address.
func (n *node) admin(path string) (status int, body string) {
	n.t.Helper()
	response, err := http.Get(n.AdminURL() + path)
	if err != nil {
		n.t.Fatal(err)
	}
	defer response.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

var sample = regexp.MustCompile(`(?m)^(\w+(?:\{[^}]*\})?) (\S+)$`)

// metrics are the numbers by name and labels, as they are written.
func (n *node) metrics() map[string]float64 {
	n.t.Helper()
	status, text := n.admin("/metrics")
	if status != http.StatusOK {
		n.t.Fatalf("/metrics: %d %s", status, text)
	}
	numbers := make(map[string]float64)
	for _, found := range sample.FindAllStringSubmatch(text, -1) {
		value, err := strconv.ParseFloat(found[2], 64)
		if err != nil {
			n.t.Errorf("%s: %v", found[0], err)
		}
		numbers[found[1]] = value
	}
	return numbers
}

func TestMetrics(t *testing.T) {
	n, clock := startWithMetrics(t)
	clock.stop()
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("General")
	says, gets := n.connect(ann), n.connect(ben)
	says.Join(1)
	gets.Join(1)
	before := n.metrics()
	for range limits.SendsBurst - 1 {
		gets.AwaitSeq(1, says.Say(1, "counted").Seq)
	}
	says.WantRefusal("rate_limited", protocol.SendMessage, map[string]any{"roomId": 1, "messageText": "x"})
	says.WantRefusal("not_found", protocol.JoinRoom, map[string]any{"roomId": nowhere})
	ann.do("POST", room+"/messages", `{"messageText":"x"}`).want(http.StatusTooManyRequests)
	ann.do("POST", room+"/messages", `{"messageText":`).want(http.StatusBadRequest)
	ann.do("GET", room+"/nothing", nil).want(http.StatusNotFound)
	ben.do("POST", "/api/v1/logout", nil).want(http.StatusNoContent)
	gets.AwaitEnd()
	// Storing, and the end of a connection, are counted a moment later, the latter
	// when nobody is signed in over it any more.
	const ended = `parley_connections_closed_total{reason="server_disconnect"}`
	after := n.metrics()
	for deadline := time.Now().Add(rig.Patience); time.Now().Before(deadline); after = n.metrics() {
		if after["parley_signed_in_sockets"] == 1 && after[`parley_recorder_lag_records{partition="0"}`] == 0 &&
			after["parley_stored_events_total"]-before["parley_stored_events_total"] >= limits.SendsBurst-1 && after[ended] >= 1 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	for name, atLeast := range map[string]float64{
		"parley_deliveries_total":                                     2 * (limits.SendsBurst - 1),
		"parley_socket_frames_total":                                  2 * (limits.SendsBurst - 1),
		"parley_append_seconds_count":                                 limits.SendsBurst - 1,
		"parley_stored_events_total":                                  limits.SendsBurst - 1,
		"parley_store_seconds_count":                                  1,
		`parley_refusals_total{code="rate_limited",surface="socket"}`: 1,
		`parley_refusals_total{code="not_found",surface="socket"}`:    1,
		`parley_refusals_total{code="rate_limited",surface="rest"}`:   1,
		`parley_refusals_total{code="invalid",surface="rest"}`:        1,
		`parley_refusals_total{code="not_found",surface="rest"}`:      1,
		`parley_rate_limited_total{bucket="sends"}`:                   2,
		`parley_problems_total{code="revoked"}`:                       1,
	} {
		if got := after[name] - before[name]; got < atLeast {
			t.Errorf("%s grew by %v, want at least %v", name, got, atLeast)
		}
	}
	for name, want := range map[string]float64{
		"parley_rooms_open": 1, `parley_recorder_lag_records{partition="0"}`: 0, "parley_freshness_seconds": 0, "parley_signed_in_sockets": 1,
	} {
		if got, found := after[name]; !found || got != want {
			t.Errorf("%s: got %v (%v), want %v", name, got, found, want)
		}
	}
	if after[ended] < 1 {
		t.Errorf("no connection was closed by the server")
	}
	t.Run("listed", func(t *testing.T) { metricsAreListed(t, after) })
	t.Run("used", func(t *testing.T) { usedMetricsExist(t, after) })
	t.Run("nobody else", func(t *testing.T) {
		for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap"} {
			if body := n.client().do("GET", path, nil).body; strings.Contains(body, "parley_") || strings.Contains(body, "goroutine") {
				t.Errorf("the public address answers %s with %.100q", path, body)
			}
		}
		if status, body := n.admin("/debug/pprof/goroutine?debug=1"); status != http.StatusOK || !strings.Contains(body, "goroutine profile") {
			t.Errorf("a profile: got %d %.100q", status, body)
		}
		if status, _ := n.admin("/api/v1/version"); status != http.StatusNotFound {
			t.Errorf("the operator's address serves people: %d", status)
		}
	})
}

// metricsAreListed: docs/metrics.md names what there is, and nothing else.
func metricsAreListed(t *testing.T, numbers map[string]float64) {
	listed := make(map[string]bool)
	for _, row := range regexp.MustCompile("(?m)^\\| `(parley_\\w+)` \\|").FindAllStringSubmatch(string(mustRead(t, "../docs/metrics.md")), -1) {
		listed[row[1]] = true
	}
	there := make(map[string]bool)
	for name := range numbers {
		name, _, _ = strings.Cut(name, "{")
		if !strings.HasPrefix(name, "parley_") {
			continue
		}
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			name = strings.TrimSuffix(name, part)
		}
		there[name] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(listed)), slices.Sorted(maps.Keys(there))); diff != "" {
		t.Errorf("docs/metrics.md and /metrics (-listed +there):\n%s", diff)
	}
}

// usedMetricsExist: the board and the alerts ask for nothing that there is not,
// and the board shows all that there is.
func usedMetricsExist(t *testing.T, numbers map[string]float64) {
	there := make(map[string]bool)
	for name := range numbers {
		name, _, _ = strings.Cut(name, "{")
		there[name] = true
	}
	// Everything that looks like a name of ours, of Go's or of the process's.
	names := regexp.MustCompile(`\b(?:parley|go|process)_[a-z_]+\b`)
	used := make(map[string]bool)
	for _, path := range []string{"../deploy/grafana/parley.json", "../deploy/prometheus/parley.rules.yaml"} {
		found := names.FindAllString(string(mustRead(t, path)), -1)
		if len(found) < 10 {
			t.Errorf("%s names %d metrics", path, len(found))
		}
		for _, name := range found {
			used[name] = true
			if !there[name] {
				t.Errorf("%s uses %s, which /metrics does not have", path, name)
			}
		}
	}
	for name := range there {
		base := name
		for _, part := range []string{"_sum", "_count"} {
			base = strings.TrimSuffix(base, part)
		}
		if strings.HasPrefix(name, "parley_") && !used[name] && !used[base+"_bucket"] {
			t.Errorf("%s is shown on no board", name)
		}
	}
}

// A request has an id, which its sender may choose within bounds; it stands in
// the answer's head, in a refusal's body, and in the log.
func TestRequestIDs(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	id := func(given string) (head, body string) {
		t.Helper()
		var headers []header
		if given != "" {
			headers = append(headers, header{"X-Request-Id", given})
		}
		var problem protocol.ProblemDetails
		answer := ann.do("GET", "/api/v1/rooms/999", nil, headers...).wantCode(http.StatusNotFound, "not_found").into(&problem)
		return answer.header.Get("X-Request-Id"), problem.RequestID
	}
	for _, given := range []string{"proxy-1.a_B", strings.Repeat("x", 64)} {
		if head, body := id(given); head != given || body != given {
			t.Errorf("the id %q: got %q in the head and %q in the body", given, head, body)
		}
	}
	seen := make(map[string]bool)
	for _, given := range []string{"", "a b", `"quoted"`, "a/b", "é", strings.Repeat("x", 65), strings.Repeat("x", 4000), "<script>"} {
		head, body := id(given)
		if head != body || head == given || len(head) < 20 || len(head) > 64 || seen[head] {
			t.Errorf("instead of the id %.70q: got %q in the head and %q in the body, want a new one", given, head, body)
		}
		seen[head] = true
	}
	for _, refused := range []*answer{
		ann.do("POST", "/api/v1/rooms", `{`, header{"X-Request-Id", "broken-body"}),
		n.client().do("GET", "/api/v1/me", nil, header{"X-Request-Id", "broken-body"}),
		n.client().do("GET", "/api/v1/nothing", nil, header{"X-Request-Id", "broken-body"}),
		n.client().do("POST", "/api/v1/refresh", nil, header{"X-Request-Id", "broken-body"}),
	} {
		if !strings.Contains(refused.body, `"requestId":"broken-body"`) {
			t.Errorf("%s: got %s, want its id in it", refused.call, refused.body)
		}
	}
}
