package eventlog_test

import (
	"context"
	"database/sql/driver"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/parleychat/parley/eventlog"
	"modernc.org/sqlite"
)

// A record about as large as that of a chat message.
var (
	benchKey     = []byte("room-1234")
	benchHeaders = []eventlog.Header{
		{Key: "v", Value: []byte("1")}, {Key: "kind", Value: []byte("message")},
		{Key: "room", Value: []byte("1234")}, {Key: "user", Value: []byte("5678")},
		{Key: "after", Value: []byte("123456")},
	}
	benchValue = []byte(strings.Repeat("0123456789", 30))
	// benchHeaderBytes are as many as the headers above take in the file.
	benchHeaderBytes = make([]byte, 56)
)

// BenchmarkAppend measures durable appends of 1,000 senders that wait for each
// answer: through the log, and through the least that could do it, a loop that
// commits what waits, with the same settings, table and statement. Run it
// several times without -count, so that the two take turns, and compare the
// medians.
func BenchmarkAppend(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		loop := openBare(b)
		defer loop.close()
		sendAll(b, loop.append)
	})
	b.Run("log", func(b *testing.B) {
		log, err := eventlog.OpenSQLite(filepath.Join(b.TempDir(), "log.db"), eventlog.SQLiteOptions{})
		if err != nil {
			b.Fatal(err)
		}
		defer log.Close()
		rec := eventlog.Record{Key: benchKey, Headers: benchHeaders, Value: benchValue}
		sendAll(b, func(done chan<- error) {
			log.Append(0, rec, func(_ eventlog.Position, err error) { done <- err })
		})
	})
}

func sendAll(b *testing.B, send func(chan<- error)) {
	const senders = 1000
	b.ReportAllocs()
	var left atomic.Int64
	left.Store(int64(b.N))
	var group sync.WaitGroup
	b.ResetTimer()
	for range senders {
		group.Go(func() {
			done := make(chan error, 1)
			for left.Add(-1) >= 0 {
				send(done)
				if err := <-done; err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// bareLoop is group commit and nothing else.
type bareLoop struct {
	conn    driver.Conn
	mu      sync.Mutex
	waiting []chan<- error
	wake    chan struct{}
	ended   sync.WaitGroup
}

func openBare(b *testing.B) *bareLoop {
	conn, err := new(sqlite.Driver).Open("file:" + filepath.Join(b.TempDir(), "bare.db") +
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	l := &bareLoop{conn: conn, wake: make(chan struct{}, 1)}
	l.exec(l.prepare(`CREATE TABLE records (pos INTEGER PRIMARY KEY, at INTEGER NOT NULL,
		key BLOB, headers BLOB, value BLOB, sum INTEGER NOT NULL) STRICT`), nil)
	l.ended.Go(l.run)
	return l
}

func (l *bareLoop) append(done chan<- error) {
	l.mu.Lock()
	l.waiting = append(l.waiting, done)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *bareLoop) prepare(query string) driver.Stmt {
	s, err := l.conn.Prepare(query)
	if err != nil {
		panic(err)
	}
	return s
}

func (l *bareLoop) exec(s driver.Stmt, values []driver.NamedValue) {
	if _, err := s.(driver.StmtExecContext).ExecContext(context.Background(), values); err != nil {
		panic(err)
	}
}

func (l *bareLoop) run() {
	const row = `(?, ?, ?, ?, ?, ?)`
	begin, commit := l.prepare(`BEGIN IMMEDIATE`), l.prepare(`COMMIT`)
	one := l.prepare(`INSERT INTO records VALUES ` + row)
	many := l.prepare(`INSERT INTO records VALUES ` + row + strings.Repeat(`, `+row, 15))
	values := make([]driver.NamedValue, 6*16)
	for i := range values {
		values[i].Ordinal = i + 1
	}
	var next int64
	var spare []chan<- error
	for range l.wake {
		l.mu.Lock()
		batch := l.waiting
		l.waiting = spare[:0]
		l.mu.Unlock()
		l.exec(begin, nil)
		for rest := len(batch); rest > 0; {
			statement, rows := many, 16
			if rest < 16 {
				statement, rows = one, 1
			}
			for i := range rows {
				row := values[6*i:]
				row[0].Value, row[1].Value, row[2].Value = next, int64(1700000000000), benchKey
				row[3].Value, row[4].Value, row[5].Value = benchHeaderBytes, benchValue, int64(1<<31)
				next++
			}
			l.exec(statement, values[:6*rows])
			rest -= rows
		}
		l.exec(commit, nil)
		for _, done := range batch {
			done <- nil
		}
		spare = batch
	}
	for _, s := range []driver.Stmt{begin, commit, one, many} {
		s.Close()
	}
}

func (l *bareLoop) close() {
	close(l.wake)
	l.ended.Wait()
	l.conn.Close()
}

// BenchmarkFollow measures reading from the beginning: what is in memory, and
// what has to come from the file.
func BenchmarkFollow(b *testing.B) {
	for name, options := range map[string]eventlog.SQLiteOptions{
		"memory": {TailBytes: 1 << 30},
		"file":   {TailBytes: 1},
	} {
		b.Run(name, func(b *testing.B) {
			log, err := eventlog.OpenSQLite(filepath.Join(b.TempDir(), "log.db"), options)
			if err != nil {
				b.Fatal(err)
			}
			defer log.Close()
			const n = 50_000
			var appended sync.WaitGroup
			appended.Add(n)
			for range n {
				log.Append(0, eventlog.Record{Key: benchKey, Headers: benchHeaders, Value: benchValue}, func(_ eventlog.Position, err error) {
					if err != nil {
						b.Error(err)
					}
					appended.Done()
				})
			}
			appended.Wait()
			b.ReportAllocs()
			for b.Loop() {
				left := n
				err := log.Follow(b.Context(), 0, 0, func(batch []eventlog.Entry) error {
					if left -= len(batch); left == 0 {
						return errEnough
					}
					return nil
				})
				if err != errEnough {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
