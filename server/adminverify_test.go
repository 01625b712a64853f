package server_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/server"
	"github.com/parleychat/parley/verify"
)

// verified compares everything and wants no difference.
func verified(t *testing.T, o *server.Operator) *verify.Report {
	t.Helper()
	var report *verify.Report
	err := o.Call(t.Context(), "verify", struct{}{}, func(text []byte) error {
		var line server.VerifyLine
		if err := json.Unmarshal(text, &line); err != nil {
			return err
		}
		if line.Difference != nil {
			t.Errorf("got a difference: %s", line.Difference)
		}
		report = line.Report
		return nil
	})
	if err != nil || report == nil {
		t.Fatalf("verify: got report %v, %v", report, err)
	}
	return report
}

// Beside a server that is written to, what is compared is one moment.
func TestVerifyWhileWriting(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	room := ann.room("General")
	o := operate(t, cfg)
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := range 40 { // as many as may come at once
			ann.say(room, fmt.Sprint("message ", i))
		}
	})
	for range 5 {
		verified(t, o)
	}
	writing.Wait()
	n.stop()
	if report := verified(t, operate(t, cfg)); report.Events != 41 || report.Partitions[0].Watermark != 41 {
		t.Errorf("got %+v, want 41 events compared", report)
	}
}

// A restored log has records of two epochs, and its voids have ids of both.
func TestVerifyAfterRestore(t *testing.T) {
	cfg := config(t)
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	room := ann.room("General")
	ann.say(room, "one")
	n.stop()
	for i := range 3 {
		appendStale(t, cfg)
		target := filepath.Join(t.TempDir(), "backup")
		makeBackup(t, operateOnce(t, cfg), target)
		cfg = config(t)
		if _, err := server.Restore(t.Context(), target, cfg); err != nil {
			t.Fatal(err)
		}
		appendStale(t, cfg)
		makeBackup(t, operateOnce(t, cfg), filepath.Join(t.TempDir(), "settled")) // which stores it
		if report := verified(t, operateOnce(t, cfg)); report.Voids != int64(2*(i+1)) || report.Records != report.Events {
			t.Errorf("got %+v, want %d voids and every event in the log", report, 2*(i+1))
		}
	}
}

// operateOnce is operate for one command.
func operateOnce(t *testing.T, cfg server.Config) *server.Operator {
	t.Helper()
	o, err := server.Operate(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &server.Operator{Caller: closing{o}}
}

// closing closes an operator after its call.
type closing struct{ *server.Operator }

func (c closing) Call(ctx context.Context, name string, request any, each func([]byte) error) error {
	return errors.Join(c.Operator.Call(ctx, name, request, each), c.Close())
}

// appendStale appends a record to room 1 that will be void, while no server
// runs.
func appendStale(t *testing.T, cfg server.Config) {
	t.Helper()
	log, err := eventlog.OpenSQLite(filepath.Join(cfg.Data, "log.db"), eventlog.SQLiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	headers, value, err := chat.Encode(&chat.Record{
		Kind: chat.KindMessage, Room: 1, User: 1, CID: rand.Text(), MAC: "AAAAAAAAAAAAAAAAAAAAAA", At: 1, Text: "late", After: 1_000_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	rec := eventlog.Record{Value: value}
	for _, h := range headers {
		rec.Headers = append(rec.Headers, eventlog.Header(h))
	}
	if _, err := eventlog.AppendWait(t.Context(), log, 0, rec); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}
