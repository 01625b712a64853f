//go:build unix

package loadgen_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleychat/parley/bench/floor/relay"
	"github.com/parleychat/parley/internal/loadgen"
)

// startFloor serves the floor program in this process.
func startFloor(t *testing.T) (url string) {
	t.Helper()
	ln := listen(t)
	srv := &relay.Server{Batch: 16}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-served; !errors.Is(err, net.ErrClosed) {
			t.Errorf("floor: %v", err)
		}
	})
	return "http://" + ln.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

// short is a run that is over in a fraction of a second.
func short(w loadgen.Workload, url string) loadgen.Config {
	return loadgen.Config{
		URL: url, Workload: w, Sockets: 20, Rate: 200,
		Warmup: 50 * time.Millisecond, Duration: 250 * time.Millisecond,
		Settle: time.Millisecond, Drain: 10 * time.Second,
	}
}

func mustRun(t *testing.T, cfg loadgen.Config) loadgen.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	res, err := loadgen.Run(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func wantOK(t *testing.T, res loadgen.Result) {
	t.Helper()
	for _, v := range res.Violations {
		t.Errorf("rule %q broken %d times, first: %s", v.Rule, v.Count, v.First)
	}
}

func TestPaced(t *testing.T) {
	for _, tt := range []struct {
		workload loadgen.Workload
		rooms    int
	}{{loadgen.OneRoom, 1}, {loadgen.ManyRooms, 4}} {
		t.Run(string(tt.workload), func(t *testing.T) {
			cfg := short(tt.workload, startFloor(t))
			cfg.Rooms = tt.rooms
			res := mustRun(t, cfg)
			wantOK(t, res)
			if got, want := res.Sent, int64(60); got != want {
				t.Errorf("sent: got %d, want %d", got, want)
			}
			// 50 of the messages were measured, each at every socket of its room.
			if got, want := res.Delivery.Count, int64(50*20/tt.rooms); got != want {
				t.Errorf("measured deliveries: got %d, want %d", got, want)
			}
			if got, want := res.SendLag.Count, int64(50); got != want {
				t.Errorf("measured sends: got %d, want %d", got, want)
			}
			if got, want := res.Connect.Count, int64(20); got != want {
				t.Errorf("connects: got %d, want %d", got, want)
			}
		})
	}
}

func TestSaturated(t *testing.T) {
	cfg := short(loadgen.Saturated, startFloor(t))
	cfg.Window = 10
	res := mustRun(t, cfg)
	wantOK(t, res)
	if res.Sent <= 10 {
		t.Errorf("got %d sent with a window of 10: it did not move", res.Sent)
	}
}

func TestMeasuringIsTold(t *testing.T) {
	for _, w := range []loadgen.Workload{loadgen.OneRoom, loadgen.Saturated} {
		var calls []bool // Run returns after the second call
		cfg := short(w, startFloor(t))
		cfg.Measuring = func(begins bool) error {
			calls = append(calls, begins)
			return nil
		}
		wantOK(t, mustRun(t, cfg))
		if !slices.Equal(calls, []bool{true, false}) {
			t.Errorf("%s: got calls %v, want true, false", w, calls)
		}
		failed := errors.New("no tracer")
		cfg.Measuring = func(bool) error { return failed }
		if _, err := loadgen.Run(t.Context(), cfg); !errors.Is(err, failed) {
			t.Errorf("%s: got %v, want the callback's error", w, err)
		}
	}
}

func TestIdle(t *testing.T) {
	url := startFloor(t)
	cfg := short(loadgen.Idle, url)
	cfg.First = 5
	cfg.MetricsURL = url + "/metrics"
	res := mustRun(t, cfg)
	if len(res.Weighings) != 2 || res.Weighings[0].Sockets != 5 || res.Weighings[1].Sockets != 20 {
		t.Fatalf("weighings: got %+v, want at 5 and 20 sockets", res.Weighings)
	}
	for _, w := range res.Weighings {
		if w.Heap == 0 || w.Stack == 0 {
			t.Errorf("got %+v, want heap and stack as the server told", w)
		}
	}
}

func TestStorm(t *testing.T) {
	res := mustRun(t, short(loadgen.Storm, startFloor(t)))
	// One socket of the one person was open before.
	if got, want := res.Connect.Count, int64(20); got != want {
		t.Errorf("measured connects: got %d, want %d", got, want)
	}
	if res.ConnectsPerSecond <= 0 {
		t.Errorf("got %v connects a second, want some", res.ConnectsPerSecond)
	}
}

func TestJoin(t *testing.T) {
	cfg := short(loadgen.Join, startFloor(t))
	res := mustRun(t, cfg)
	wantOK(t, res)
	if got, want := res.People, cfg.Sockets; got != want {
		t.Errorf("people: got %d, want %d", got, want)
	}
	if got, want := res.Delivery.Count, int64(cfg.Sockets); got != want {
		t.Errorf("deliveries of the message: got %d, want %d", got, want)
	}
	if res.JoinedMillis <= 0 {
		t.Errorf("joined after %v ms, want more", res.JoinedMillis)
	}
}

func TestOverTLS(t *testing.T) {
	plain := strings.TrimPrefix(startFloor(t), "http://")
	// httptest's certificate is for example.com and 127.0.0.1.
	web := httptest.NewTLSServer(http.NotFoundHandler())
	defer web.Close()
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	ln := tls.NewListener(listen(t), web.TLS)
	forward(t, ln, plain, io.Copy)

	cfg := short(loadgen.OneRoom, "https://"+ln.Addr().String())
	cfg.TLS = &tls.Config{RootCAs: roots}
	res := mustRun(t, cfg)
	wantOK(t, res)
	if got, want := res.Delivery.Count, int64(50*20); got != want {
		t.Errorf("measured deliveries: got %d, want %d", got, want)
	}
}

// forward passes connections on to addr; toClient copies what comes back.
func forward(t *testing.T, ln net.Listener, addr string, toClient func(client io.Writer, server io.Reader) (int64, error)) {
	var wait sync.WaitGroup
	t.Cleanup(wait.Wait)
	t.Cleanup(func() { ln.Close() })
	wait.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", addr)
			if err != nil {
				client.Close()
				return
			}
			wait.Go(func() { io.Copy(server, client); server.Close() })
			wait.Go(func() { toClient(client, server); client.Close() })
		}
	})
}

func TestWatchedProcess(t *testing.T) {
	if _, err := loadgen.ReadUsage(os.Getpid()); err != nil {
		t.Skipf("no /proc as on Linux: %v", err)
	}
	cfg := short(loadgen.OneRoom, startFloor(t))
	cfg.PID = os.Getpid() // server and generator in one
	res := mustRun(t, cfg)
	if res.Server == nil || res.Server.CPUPerDelivery <= 0 {
		t.Fatalf("server: got %+v, want CPU per delivery", res.Server)
	}
	// One write holds between 1 and 16 frames, as the machine has time; the
	// generator's own sends and the runtime's wake-ups come on top.
	if got := res.Server.WritesPerDelivery; got < 1.0/16 || got > 3 {
		t.Errorf("writes per delivery: got %.2f, want between 1/16 and 3", got)
	}
	if res.Generator.Cores <= 0 {
		t.Errorf("generator: got %v cores, want some", res.Generator.Cores)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	joined := make(chan struct{})
	url := tampered(t, startFloor(t), func(_ int, packet string) []string {
		if strings.HasPrefix(packet, `42["receiveMessage"`) {
			select {
			case <-joined:
			default:
				close(joined)
			}
		}
		return []string{packet}
	})
	cfg := short(loadgen.OneRoom, url)
	cfg.Duration = time.Hour
	go func() {
		<-joined
		cancel()
	}()
	if _, err := loadgen.Run(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestRefusedConfigs(t *testing.T) {
	good := short(loadgen.OneRoom, "http://127.0.0.1:1")
	for name, spoil := range map[string]func(*loadgen.Config){
		"no url":              func(c *loadgen.Config) { c.URL = "" },
		"scheme":              func(c *loadgen.Config) { c.URL = "ftp://x" },
		"workload":            func(c *loadgen.Config) { c.Workload = "dance" },
		"rooms in one room":   func(c *loadgen.Config) { c.Rooms = 2 },
		"more rooms":          func(c *loadgen.Config) { c.Workload, c.Rooms = loadgen.ManyRooms, 21 },
		"negative rate":       func(c *loadgen.Config) { c.Rate = -1 },
		"first not below all": func(c *loadgen.Config) { c.Workload, c.First = loadgen.Idle, 20 },
		"too fast for so few": func(c *loadgen.Config) { c.Stage, c.Rate = &loadgen.Parley{}, 1000 },
	} {
		cfg := good
		spoil(&cfg)
		if _, err := loadgen.Run(t.Context(), cfg); err == nil || !strings.HasPrefix(err.Error(), "loadgen: ") {
			t.Errorf("%s: got error %v, want one of loadgen", name, err)
		}
	}
}

func TestNoServer(t *testing.T) {
	ln := listen(t)
	ln.Close()
	if _, err := loadgen.Run(t.Context(), short(loadgen.OneRoom, "http://"+ln.Addr().String())); err == nil {
		t.Error("got no error without a server")
	}
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	_, err := loadgen.Run(t.Context(), short(loadgen.OneRoom, web.URL))
	if err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("got error %v, want the refused upgrade", err)
	}
}

func TestTableAndJSON(t *testing.T) {
	res := mustRun(t, short(loadgen.OneRoom, startFloor(t)))
	var table strings.Builder
	if err := res.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"20 sockets", "p99.9", "every one once and in order"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("got table without %q:\n%s", want, table.String())
		}
	}
	b, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	var back loadgen.Result
	if err := json.Unmarshal(b, &back); err != nil || back.Delivery.Count != res.Delivery.Count {
		t.Errorf("JSON: got %+v, error %v back from %s", back.Delivery, err, b)
	}
}
