package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
)

// browserVariable asks for the test of browsers in front of a cluster, which
// takes some minutes.
const browserVariable = "PARLEY_BROWSER_CLUSTER"

// TestBrowserCluster runs web/e2e/cluster.spec.ts: real browsers in front of a
// balancer, two servers, Kafka, MariaDB and Redis. The browsers' test says what
// is to be harmed when.
func TestBrowserCluster(t *testing.T) {
	if os.Getenv(browserVariable) == "" {
		t.Skipf("browsers in front of a cluster take some minutes (make browser-cluster, or set %s)", browserVariable)
	}
	node := rig.Tool(t, "node", "Node.js 20 or newer")
	chromium := rig.Chromium(t)
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	playwright := filepath.Join("node_modules", "@playwright", "test", "cli.js")
	if _, err := os.Stat(filepath.Join(root, "web", playwright)); err != nil {
		rig.Missing(t, "the web client's packages are not installed (run scripts/web.sh install)")
	}

	all, env := dependencies(t)
	servers := make([]*rig.Server, 2)
	for i := range servers {
		servers[i] = rig.Serve(t, rig.WithEnv(append([]string{fmt.Sprint("PARLEY_NODE_ID=node-", i)}, env...)...))
	}
	balanced := rig.Balance(t, servers...)
	control := httptest.NewServer(harms(all, servers))
	t.Cleanup(control.Close)

	run := exec.CommandContext(t.Context(), node, playwright, "test", "cluster", "--output", t.TempDir())
	run.Dir = filepath.Join(root, "web")
	run.Env = append(os.Environ(), "PARLEY_CLUSTER="+balanced.URL, "PARLEY_HARM="+control.URL,
		"PARLEY_BIN="+rig.Binary(t), "PARLEY_CHROMIUM="+chromium)
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// harms answers POST /kill/i and /start/i for a server, /gone/part and
// /back/part for what the servers need, when it is done.
func harms(all []*dependency, servers []*rig.Server) http.Handler {
	mux := http.NewServeMux()
	on := func(path string, do func()) {
		mux.HandleFunc("POST "+path, func(http.ResponseWriter, *http.Request) { do() })
	}
	for i, server := range servers {
		on(fmt.Sprint("/kill/", i), server.Kill)
		on(fmt.Sprint("/start/", i), server.Start)
	}
	for _, d := range all {
		on("/gone/"+d.part, d.gone)
		on("/back/"+d.part, d.back)
	}
	return mux
}
