package history_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/store"
)

// TestBrokenMariaDB is fault F10: whatever happens to the database while a
// recorder writes, nothing is lost or doubled and the recorder goes on.
func TestBrokenMariaDB(t *testing.T) {
	server := services.PrivateMariaDB(t)
	w := openWorldOn(t, t.TempDir(), store.Config{URL: server.NewDatabase(t)})
	t.Cleanup(w.close)
	r := w.newRoom(t, chat.PublicRoom, w.bo)

	// Each fault begins in the middle of a commit: begin runs beside it.
	var begin atomic.Pointer[func()]
	outages := make(chan error, 1000)
	w.store.onCommit(func(_ store.Batch, commit func() error) error {
		fault := begin.Swap(nil)
		done := make(chan struct{})
		go func() {
			defer close(done)
			if fault != nil {
				(*fault)()
			}
		}()
		err := commit()
		<-done
		return err
	})
	w.store.onOutage(func(err error) { outages <- err })
	admin := func(statements ...string) {
		t.Helper()
		if err := server.Admin(statements...); err != nil {
			t.Fatal(err)
		}
	}
	// hangUp cuts all connections of stores.
	hangUp := func() { admin("KILL USER parley") }
	var release func()
	faults := []struct {
		name       string
		begin, end func()
		want       string // of the outage, which may only begin behind the commit; empty: it may be none
	}{
		{"killed", func() { must(t, server.Kill()) }, func() { must(t, server.Start()) }, "connection"},
		{"read-only", func() { admin("SET GLOBAL read_only = 1") }, func() { admin("SET GLOBAL read_only = 0") }, "bad connection"},
		{"connections cut", hangUp, func() {}, ""},
		{"no connections left", func() { release = occupy(t, server) }, func() { release() }, "Too many connections"},
		{"paused", func() { must(t, server.Pause()) }, func() { must(t, server.Resume()) }, ""},
		{"killed again", func() { must(t, server.Kill()) }, func() { must(t, server.Start()) }, "connection"},
	}
	recorder := w.record()
	for _, fault := range faults {
		begun := make(chan struct{})
		fn := func() { defer close(begun); fault.begin() }
		begin.Store(&fn)
		for begin.Load() != nil {
			for i, ev := range r.append(t, said(w.ann, fault.name), said(w.bo, fault.name), said(w.ann, "x")) {
				if i == 1 {
					r.append(t, edit(ev, "changed"))
				}
			}
		}
		<-begun
		r.talk(t, w.ann, 20)
		deadline := time.Now().Add(patience)
		for noticed := fault.want == ""; !noticed; {
			select {
			case err := <-outages:
				noticed = strings.Contains(err.Error(), fault.want)
			case <-time.After(20 * time.Millisecond):
				r.talk(t, w.bo, 1) // whoever has nothing to store notices nothing
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: the recorder has not noticed", fault.name)
			}
		}
		fault.end()
		w.waitStored(t, int64(w.records))
		r.wantStored(t)
		for len(outages) > 0 {
			<-outages
		}
	}
	if err := recorder.stop(); !errors.Is(err, context.Canceled) || len(recorder.alarms) != 0 {
		t.Errorf("Run: got %v, want no alarm", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// occupy takes the connections of the server, those too that stores have, until
// release is called.
func occupy(t *testing.T, server *services.MariaDB) (release func()) {
	others, err := sql.Open("mysql", "other:other@tcp("+server.Addr()+")/")
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		must(t, server.AsRoot(func(_ context.Context, root *sql.DB) error {
			run := func(statements ...string) (err error) {
				for _, statement := range statements {
					_, failure := root.Exec(statement)
					err = errors.Join(err, failure)
				}
				return err
			}
			err := run("CREATE USER 'other'@'%' IDENTIFIED BY 'other'", "SET GLOBAL max_connections = 10")
			for err == nil && ctx.Err() == nil {
				err = run("KILL USER parley")
				for failure := error(nil); failure == nil; {
					_, failure = others.Conn(ctx)
				}
			}
			return errors.Join(err, others.Close(), run("SET GLOBAL max_connections = 400"))
		}))
	}()
	return func() { cancel(); <-ended }
}

// TestLostCommitAnswer is fault F10: the connection is cut behind COMMIT, which
// the server carries out later, when the recorder has long asked where the
// store stands. It must not take itself for somebody else.
func TestLostCommitAnswer(t *testing.T) {
	server := services.PrivateMariaDB(t)
	proxy := services.NewProxy(t, server.Addr())
	address := server.NewDatabase(t)
	w := openWorldOn(t, t.TempDir(), store.Config{URL: server.URLVia(proxy.Addr(), address[bytes.LastIndexByte([]byte(address), '/')+1:])})
	t.Cleanup(w.close)
	r := w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 20)

	lock := holdCommits(t, server)
	var cut, asked atomic.Bool
	var batches sync.Map // connections that record
	proxy.Judge(func(conn int, request []byte) services.Verdict {
		_, records := batches.Load(conn)
		switch {
		case bytes.Contains(request, []byte("INSERT INTO events")):
			batches.Store(conn, true)
		case bytes.HasSuffix(request, []byte("COMMIT")) && records && cut.CompareAndSwap(false, true):
			lock.hold()
			return services.CutAfter
		case bytes.Contains(request, []byte("UPDATE watermarks")) && cut.Load() && asked.CompareAndSwap(false, true):
			// It waits for the one that was cut, or believes to be alone.
			lock.release()
		}
		return services.Pass
	})
	recorder := w.record()
	w.waitStored(t, int64(w.records))
	r.wantStored(t)
	if !cut.Load() || !asked.Load() {
		t.Error("no commit was cut")
	}
	r.talk(t, w.ann, 20)
	w.waitStored(t, int64(w.records))
	r.wantStored(t)
	recorder.stop()
	if len(recorder.alarms) != 0 {
		t.Errorf("alarm: %v", <-recorder.alarms)
	}
}

// commitLock keeps a server from committing, as a backup does.
type commitLock struct{ hold, release func() }

func holdCommits(t *testing.T, server *services.MariaDB) *commitLock {
	begin, held, end := make(chan struct{}), make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		ended <- server.AsRoot(func(_ context.Context, db *sql.DB) error {
			select {
			case <-begin:
			case <-ctx.Done():
				return nil
			}
			_, err := db.ExecContext(ctx, "FLUSH TABLES WITH READ LOCK")
			close(held)
			if err != nil {
				return err
			}
			select {
			case <-end:
			case <-ctx.Done():
			}
			_, err = db.ExecContext(context.WithoutCancel(ctx), "UNLOCK TABLES")
			return err
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("hold commits: %v", err)
		}
	})
	return &commitLock{func() { close(begin); <-held }, func() { close(end) }}
}
