package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/server"
)

// operate opens the operator's way to the data, with a server or without.
func operate(t *testing.T, cfg server.Config) *server.Operator {
	t.Helper()
	o, err := server.Operate(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// tail collects what a tail says.
func tail(t *testing.T, o *server.Operator, request server.TailRequest) (lines []server.TailLine, err error) {
	t.Helper()
	err = o.Call(t.Context(), "tail", request, func(text []byte) error {
		var line server.TailLine
		if err := json.Unmarshal(text, &line); err != nil {
			return err
		}
		lines = append(lines, line)
		return nil
	})
	return lines, err
}

func texts(t *testing.T, lines []server.TailLine) string {
	t.Helper()
	var said []string
	for _, line := range lines {
		var value struct{ Kind, MessageText string }
		if err := json.Unmarshal(line.Value, &value); err != nil {
			t.Fatalf("value %s: %v", line.Value, err)
		}
		if value.Kind != line.Headers["kind"] {
			t.Errorf("kind %s in the value, %s in the headers", value.Kind, line.Headers["kind"])
		}
		if value.MessageText == "" {
			value.MessageText = value.Kind
		}
		said = append(said, value.MessageText)
	}
	return strings.Join(said, " ")
}

func offset(n int64) *int64 { return &n }

// The log is told alike by a running server and without one.
func TestTail(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	general, other := ann.room("General"), ann.room("Other")
	ann.say(general, "one")
	ann.say(other, "elsewhere")
	ann.say(general, "two")

	check := func(t *testing.T) {
		o := operate(t, cfg)
		for _, tc := range []struct {
			request server.TailRequest
			want    string
		}{
			{server.TailRequest{Last: 2}, "elsewhere two"},
			{server.TailRequest{Last: 100}, "create create one elsewhere two"},
			{server.TailRequest{From: offset(server.FromBeginning)}, "create create one elsewhere two"},
			{server.TailRequest{From: offset(3)}, "elsewhere two"},
			{server.TailRequest{From: offset(5)}, ""},
			{server.TailRequest{From: offset(0), Room: "general"}, "create one two"},
			{server.TailRequest{From: offset(0), Room: strings.TrimPrefix(other, "/api/v1/rooms/")}, "create elsewhere"},
		} {
			lines, err := tail(t, o, tc.request)
			if err != nil {
				t.Errorf("%+v: %v", tc.request, err)
			}
			if got := texts(t, lines); got != tc.want {
				t.Errorf("%+v: got %q, want %q", tc.request, got, tc.want)
			}
		}
		for _, tc := range []struct {
			request server.TailRequest
			want    string
		}{
			{server.TailRequest{From: offset(6)}, "ends at 5"},
			{server.TailRequest{Room: "Nowhere"}, `no public room "Nowhere"`},
			{server.TailRequest{From: offset(1), Epoch: "another"}, "restored or made anew"},
			{server.TailRequest{Partition: 1}, "no such partition"},
		} {
			if _, err := tail(t, o, tc.request); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%+v: got %v, want %q", tc.request, err, tc.want)
			}
		}
	}
	t.Run("running", check)
	n.stop()
	t.Run("alone", check)
}

// A tail goes on with what comes, survives that the log is trimmed below it,
// and says so when it is asked for what is gone.
func TestTailFollows(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	general := ann.room("General")
	o := operate(t, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	said := make(chan string)
	ended := make(chan error, 1)
	go func() {
		ended <- o.Call(ctx, "tail", server.TailRequest{From: offset(server.FromBeginning), Follow: true}, func(line []byte) error {
			select {
			case said <- string(line):
			case <-ctx.Done():
			}
			return nil
		})
	}()
	for _, word := range []string{"", "apple", "pear", "plum"} {
		if word != "" {
			ann.say(general, word)
		}
		if line := <-said; !strings.Contains(line, word) {
			t.Errorf("got %s, want %s", line, word)
		}
	}
	if err := n.TrimLog(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	ann.say(general, "cherry")
	if line := <-said; !strings.Contains(line, "cherry") || !strings.Contains(line, `"offset":4`) {
		t.Errorf("after a trim: got %s", line)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: got %v", err)
	}
	if _, err := tail(t, o, server.TailRequest{From: offset(1)}); err == nil || !strings.Contains(err.Error(), "begins at 3") {
		t.Errorf("what is gone: got %v, want where the log begins", err)
	}
}

// Records that no Parley has written are told as they are.
func TestTailBrokenRecords(t *testing.T) {
	cfg := config(t)
	start(t, cfg).stop()
	log, err := eventlog.OpenSQLite(filepath.Join(cfg.Data, "log.db"), eventlog.SQLiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range []eventlog.Record{
		{Value: []byte("no JSON \xff")},
		{Headers: []eventlog.Header{{Key: "v", Value: []byte("1")}, {Key: "v", Value: []byte{0xff}}}, Value: []byte("{}")},
	} {
		if _, err := eventlog.AppendWait(t.Context(), log, 0, rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	lines, err := tail(t, operate(t, cfg), server.TailRequest{Last: 2})
	if err != nil || len(lines) != 2 {
		t.Fatalf("got %d lines, %v", len(lines), err)
	}
	if got := lines[0]; got.Broken == "" || got.ValueBase64 != "bm8gSlNPTiD/" || got.Value != nil {
		t.Errorf("no JSON: got %+v", got)
	}
	if got := lines[1]; got.Broken == "" || len(got.RawHeaders) != 2 || got.RawHeaders[1] != [2]string{"v", "/w=="} || string(got.Value) != "{}" {
		t.Errorf("a header twice: got %+v", got)
	}
}

// A command without a server makes and upgrades nothing, and keeps servers out
// meanwhile.
func TestOperateAlone(t *testing.T) {
	cfg := config(t)
	if _, err := server.Operate(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("no directory: got %v", err)
	}
	if _, err := os.Stat(cfg.Data); err == nil {
		t.Error("the directory was made")
	}
	if err := os.Mkdir(cfg.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Operate(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "no server has ever run") {
		t.Errorf("an empty directory: got %v", err)
	}
	if left, err := os.ReadDir(cfg.Data); err != nil || len(left) > 0 {
		t.Errorf("%v, %v were left in the directory", left, err)
	}
	start(t, cfg).stop()
	o := operate(t, cfg)
	if o.Running {
		t.Error("a server is said to run")
	}
	if _, err := server.New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "in use by another Parley") {
		t.Errorf("a server beside a command: got %v", err)
	}
	if _, err := server.Operate(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "no server answers there, and the data directory") {
		t.Errorf("a command beside a command: got %v", err)
	}
}
