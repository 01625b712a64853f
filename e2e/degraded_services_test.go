package e2e

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/internal/services"
)

// dependency is a service that servers need, behind a proxy that harms it.
type dependency struct {
	name    string // as the tables of docs/degraded.md are called
	part    string // of /readyz, which tells of it
	proxy   *services.Proxy
	release func() // lets go on what silent has held up
}

func newDependency(t *testing.T, name, part string, proxy *services.Proxy) *dependency {
	d := &dependency{name: name, part: part, proxy: proxy, release: func() {}}
	t.Cleanup(func() { d.release() })
	return d
}

// gone cuts all connections, and refuses new ones.
func (d *dependency) gone() { d.proxy.Cut() }

// silent takes connections and what comes over them, and answers nothing: a
// machine that hangs, or a network that swallows.
func (d *dependency) silent() {
	held := make(chan struct{})
	d.release = sync.OnceFunc(func() { close(held) })
	d.proxy.Judge(func(int, []byte) services.Verdict {
		<-held
		return services.Pass
	})
}

// slowBy is how much later than usual each request of a slow service arrives.
const slowBy = 100 * time.Millisecond

func (d *dependency) slow() {
	d.proxy.Judge(func(int, []byte) services.Verdict {
		time.Sleep(slowBy)
		return services.Pass
	})
}

// back ends whatever is wrong.
func (d *dependency) back() {
	d.proxy.Judge(nil)
	d.release()
	d.proxy.Mend()
}

// dependencies starts Kafka, MariaDB and Redis, each behind a proxy, and gives
// the environment of servers that use them.
func dependencies(t *testing.T) (all []*dependency, env []string) {
	var kafkaProxy *services.Proxy
	services.PrivateKafka(t, services.Via(func(addr string) string {
		kafkaProxy = services.NewProxy(t, addr)
		return kafkaProxy.Addr()
	}))
	redis := services.PrivateRedis(t)
	redisProxy := services.NewProxy(t, redis.Addr())
	db := services.PrivateMariaDB(t)
	name, err := db.Create()
	if err != nil {
		t.Fatal(err)
	}
	dbProxy := services.NewProxy(t, db.Addr())
	return []*dependency{
			newDependency(t, "Kafka", "log", kafkaProxy),
			newDependency(t, "The database", "store", dbProxy),
			newDependency(t, "Redis", "presence", redisProxy),
		}, []string{
			"PARLEY_KAFKA=" + kafkaProxy.Addr(), "PARLEY_KAFKA_PARTITIONS=2",
			"PARLEY_DB=" + db.URLVia(dbProxy.Addr(), name), "PARLEY_REDIS=" + redis.URLVia(redisProxy.Addr()),
		}
}

// readiness is what /readyz says.
type readiness struct {
	Ready bool
	Parts map[string]string
	Since map[string]time.Time
}

func readinessOf(server *rig.Server) (status int, said readiness) {
	resp, err := http.Get(server.URL + "/readyz")
	if err != nil {
		return 0, said
	}
	defer resp.Body.Close()
	if err := decodeJSON(resp.Body, &said); err != nil {
		return 0, said
	}
	return resp.StatusCode, said
}

// wrong reports whether a part is there and not as it should be.
func (r readiness) wrong(part string) bool {
	text := r.Parts[part]
	return text != "" && text != "ok" && !strings.HasPrefix(text, "ok,")
}

// awaitPart waits until /readyz of the server says of a part that something is
// wrong, and since when, or that nothing of anything is.
func awaitPart(t *testing.T, server *rig.Server, part string, wrong bool) {
	t.Helper()
	rig.Eventually(t, fmt.Sprintf("%s of %s: wrong is %v", part, server.Addr, wrong), func() bool {
		status, said := readinessOf(server)
		if status == 0 {
			return false
		}
		if !wrong {
			return said.Ready && len(said.Since) == 0
		}
		if said.wrong(part) && (said.Since[part].IsZero() || time.Since(said.Since[part]) < -time.Second) {
			t.Errorf("/readyz: %+v, want since when", said)
		}
		return said.wrong(part)
	})
}

const adminListen = "PARLEY_ADMIN_LISTEN="

// awaitMetric waits until the metrics of the server say that a part is well (1),
// or that it is not (0), and then for how long.
func awaitMetric(t *testing.T, server *rig.Server, part string, ok int) {
	t.Helper()
	addr := server.Env[slices.IndexFunc(server.Env, func(v string) bool { return strings.HasPrefix(v, adminListen) })][len(adminListen):]
	label := fmt.Sprintf("{part=%q} ", part)
	rig.Eventually(t, fmt.Sprintf("parley_part_ok%s%d", label, ok), func() bool {
		resp, err := http.Get("http://" + addr + "/metrics")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		lasts := !strings.Contains(string(text), "parley_part_wrong_seconds"+label+"0\n")
		return err == nil && strings.Contains(string(text), fmt.Sprintf("parley_part_ok%s%d\n", label, ok)) && lasts == (ok == 0)
	})
}
