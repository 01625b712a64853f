package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/server"
)

func TestKafkaSettings(t *testing.T) {
	notPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(notPEM, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		change func(*server.Config)
		want   string // part of the refusal; empty: it is fine
	}{
		{"fine", func(*server.Config) {}, ""},
		{"signed in", func(c *server.Config) {
			c.Kafka.SASL, c.Kafka.SASLUser, c.Kafka.SASLPassword = "SCRAM-SHA-512", "parley", "sesame"
		}, ""},
		{"SQLite", func(c *server.Config) { c.DB = "" }, "say --db mysql://"},
		{"no port", func(c *server.Config) { c.Kafka.Brokers = []string{"kafka1"} }, "write host:port"},
		{"no partitions", func(c *server.Config) { c.Kafka.Partitions = 0 }, "kafka-partitions"},
		{"mechanism", func(c *server.Config) { c.Kafka.SASL = "CRAM" }, "SCRAM-SHA-512"},
		{"no password", func(c *server.Config) { c.Kafka.SASL, c.Kafka.SASLUser = "PLAIN", "parley" }, "kafka-sasl-password"},
		{"no mechanism", func(c *server.Config) { c.Kafka.SASLPassword = "sesame" }, "say how to sign in"},
		{"half a certificate", func(c *server.Config) { c.Kafka.TLSCert = "cert.pem" }, "both files"},
		{"no brokers", func(c *server.Config) { c.Kafka = server.Kafka{TLS: true} }, "--kafka host:port"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := server.Default()
			cfg.NodeID, cfg.DB, cfg.Kafka.Brokers = "n", "mysql://parley:secret@db:3306/parley", []string{"kafka1:9092", "kafka2:9092"}
			test.change(&cfg)
			err := cfg.Validate()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			for _, text := range []string{fmt.Sprint(err), fmt.Sprint(cfg.Kafka), fmt.Sprintf("%+v", cfg.Kafka), fmt.Sprintf("%#v", cfg.Kafka)} {
				if strings.Contains(text, "sesame") {
					t.Errorf("the password is printed: %s", text)
				}
			}
		})
	}
	// Files are read when the log is opened.
	cfg := config(t)
	cfg.DB = server.DatabaseURL(services.SharedMariaDB(t).NewDatabase(t))
	cfg.Kafka.Brokers, cfg.Kafka.TLSCA = []string{freeAddr(t)}, notPEM
	if _, err := server.New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "holds no certificate") {
		t.Errorf("got %v, want what is wrong with the file", err)
	}
}

// TestOnKafka runs a server whose log is on a real broker, which is late; lets
// the server stop and start again; and reads what was said with kcat alone.
func TestOnKafka(t *testing.T) {
	kafka := services.PrivateKafka(t)
	db := services.SharedMariaDB(t)
	cfg := config(t)
	cfg.Listen = freeAddr(t)
	cfg.DB = server.DatabaseURL(db.NewDatabase(t))
	cfg.Kafka.Brokers, cfg.Kafka.Partitions = kafka.Addrs(), 4
	log := new(logText)
	cfg.Logger = slog.New(slog.NewJSONHandler(log, nil))

	broker := kafka.Broker(1)
	if err := broker.Kill(); err != nil {
		t.Fatal(err)
	}
	type made struct {
		server *server.Server
		err    error
	}
	opened := make(chan made, 1)
	go func() {
		s, err := server.New(t.Context(), cfg)
		opened <- made{s, err}
	}()
	c := &client{t: t, url: "http://" + cfg.Listen, http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	await(t, "readiness that names the log", func() bool {
		answer, err := c.http.Get(c.url + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		var ready struct{ Parts map[string]string }
		return json.NewDecoder(answer.Body).Decode(&ready) == nil && strings.Contains(ready.Parts["log"], "Kafka")
	})
	if err := broker.Start(); err != nil {
		t.Fatal(err)
	}
	m := <-opened
	if m.err != nil {
		t.Fatal(m.err)
	}
	n := &node{Server: m.server, t: t, cfg: cfg, log: log}
	n.run()
	if err := n.AwaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}

	ann := n.join("ann@example.org")
	const rooms, each = 6, 5 // more rooms than partitions
	said := make(map[string][]string)
	var paths []string
	for r := range rooms {
		paths = append(paths, ann.room(fmt.Sprintf("Room %d", r)))
	}
	// Chance puts a room into a partition, and once in a thousand times six into
	// the same one. These are for its sake; nobody says anything in them.
	ben := n.join("ben@example.org") // who may make as many again
	for r := range 4 * rooms {
		ben.room(fmt.Sprintf("Silent room %d", r))
	}
	for i := range each {
		for r, path := range paths {
			text := fmt.Sprintf("%d in %d", i, r)
			ann.say(path, text)
			said[path] = append(said[path], text)
		}
	}
	n.stop()

	again := start(t, cfg)
	ann.url = again.URL()
	for _, path := range paths {
		text := "after the restart"
		ann.say(path, text)
		said[path] = append(said[path], text)
		if got := ann.texts(path); fmt.Sprint(got) != fmt.Sprint(said[path]) {
			t.Errorf("%s: got %q, want %q", path, got, said[path])
		}
	}

	t.Run("Kcat", func(t *testing.T) { wantKcat(t, kafka, said) })
	t.Run("SecondServer", func(t *testing.T) {
		second := config(t)
		second.DB, second.Kafka = cfg.DB, cfg.Kafka
		beside := start(t, second)
		defer beside.stop()
		there := *ann // with the token of the other server
		there.t, there.url = t, beside.URL()
		for _, path := range paths {
			there.say(path, "beside")
			said[path] = append(said[path], "beside")
			if got := ann.texts(path); fmt.Sprint(got) != fmt.Sprint(said[path]) {
				t.Errorf("%s: got %q, want %q", path, got, said[path])
			}
		}
		var ready struct{ Parts map[string]string }
		await(t, "servers that know of each other", func() bool {
			there.do("GET", "/readyz", nil).want(http.StatusOK).into(&ready)
			return ready.Parts["cluster"] == "2 servers"
		})
		if !strings.Contains(ready.Parts["presence"], "own people") {
			t.Errorf("readyz: got %v", ready.Parts)
		}
	})
	again.stop()
	t.Run("AnotherDatabase", func(t *testing.T) {
		other := config(t)
		other.DB = server.DatabaseURL(db.NewDatabase(t))
		other.Kafka = cfg.Kafka
		if _, err := server.New(t.Context(), other); err == nil || !strings.Contains(err.Error(), "do not belong together") {
			t.Errorf("got %v, want it refused", err)
		}
	})
}

// texts reads the messages of a room's latest page.
func (c *client) texts(room string) []string {
	c.t.Helper()
	var p page
	c.do("GET", room+"/messages", nil).want(http.StatusOK).into(&p)
	var texts []string
	for _, event := range p.Events {
		if event.Kind == "message" {
			texts = append(texts, event.MessageText)
		}
	}
	return texts
}

// wantKcat reads the topic as docs/kafka.md tells people to.
func wantKcat(t *testing.T, kafka *services.Kafka, said map[string][]string) {
	kcat, err := exec.LookPath("kcat")
	if err != nil {
		if os.Getenv("PARLEY_TEST_REQUIRED") != "" {
			t.Fatal("required, but there is no kcat here (install kcat)")
		}
		t.Skip("SKIPPED: there is no kcat here (install kcat)")
	}
	output, err := exec.Command(kcat, "-C", "-b", strings.Join(kafka.Addrs(), ","), "-t", eventlog.KafkaTopic, "-e", "-q", "-J").Output()
	if err != nil {
		t.Fatalf("kcat: %v", err)
	}
	got := make(map[string][]string)
	partitions := make(map[string]int)
	lines := bufio.NewScanner(bytes.NewReader(output))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var record struct {
			Topic     string
			Partition int
			TSType    string
			Key       string
			Headers   []string
			Payload   string
		}
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			t.Fatalf("%s: %v", lines.Bytes(), err)
		}
		headers := make(map[string]string)
		for i := 0; i+1 < len(record.Headers); i += 2 {
			headers[record.Headers[i]] = record.Headers[i+1]
		}
		var value struct {
			Kind        string
			RoomID      int64
			UserID      int64
			MessageText string
		}
		if err := json.Unmarshal([]byte(record.Payload), &value); err != nil {
			t.Fatalf("%s: %v", record.Payload, err)
		}
		room := strconv.FormatInt(value.RoomID, 10)
		if headers["v"] != "1" || headers["kind"] != value.Kind || headers["room"] != room || record.Key != room || record.TSType != "logappend" {
			t.Errorf("record: got %s", lines.Bytes())
		}
		if in, known := partitions[room]; known && in != record.Partition {
			t.Errorf("room %s: in partition %d and %d", room, in, record.Partition)
		}
		partitions[room] = record.Partition
		if value.Kind == "message" {
			path := "/api/v1/rooms/" + room
			got[path] = append(got[path], value.MessageText)
		}
	}
	for path, want := range said {
		if fmt.Sprint(got[path]) != fmt.Sprint(want) {
			t.Errorf("%s in the topic: got %q, want %q", path, got[path], want)
		}
	}
	distinct := make(map[int]bool)
	for _, partition := range partitions {
		distinct[partition] = true
	}
	if len(distinct) < 2 {
		t.Errorf("rooms lie in %d partition, want several", len(distinct))
	}
}
