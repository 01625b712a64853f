package eventlog

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/internal/planted"
)

// Bounds of one transaction.
const (
	// commitBytes of rows are committed at once, and one row more.
	commitBytes = 2 << 20
	// insertRows go into one statement. Parsing is paid once for all, but so
	// is entering and leaving SQLite; beyond 16 little is left to save.
	insertRows = 16
)

// recordColumns is the number of columns of a row.
const recordColumns = 6

// writer writes to the file. It belongs to the goroutine of [SQLite.write], and
// after that has ended to Close.
type writer struct {
	conn  connection
	epoch string
	first int64 // first kept offset
	next  int64 // offset of the next record

	begin, commit, rollback statement
	insert, insertMany      statement // 1 and insertRows rows
	deleteBelow, setFirst   statement
	values                  []driver.NamedValue // of an insert
	headers                 []byte              // encoded headers of the rows in values

	gate     *sync.RWMutex // held shared by those who read the file
	walPages int           // about how many pages the WAL holds, see written
	// cannotGrow is why the WAL could not be moved into the file when that was
	// last tried: no space.
	cannotGrow error
	// broken is why nothing is written any more.
	broken error
}

// newWriter takes the connection over: close closes it.
func newWriter(conn connection, state fileState, gate *sync.RWMutex) *writer {
	w := &writer{conn: conn, epoch: state.epoch, first: state.first, next: state.next, gate: gate}
	w.values = make([]driver.NamedValue, recordColumns*insertRows)
	for i := range w.values {
		w.values[i].Ordinal = i + 1
	}
	// A process that was killed may have left a WAL of any size.
	w.walPages = walPages
	return w
}

// prepare prepares the statements.
func (w *writer) prepare() error {
	const insert = `INSERT INTO records (pos, at, key, headers, value, sum) VALUES `
	const row = `(?, ?, ?, ?, ?, ?)`
	for _, p := range []struct {
		statement *statement
		query     string
	}{
		{&w.begin, `BEGIN IMMEDIATE`},
		{&w.commit, `COMMIT`},
		{&w.rollback, `ROLLBACK`},
		{&w.insert, insert + row},
		{&w.insertMany, insert + row + strings.Repeat(`, `+row, insertRows-1)},
		{&w.deleteBelow, `DELETE FROM records WHERE pos < ?`},
		{&w.setFirst, `UPDATE log SET first = ?`},
	} {
		var err error
		if *p.statement, err = w.conn.prepare(p.query); err != nil {
			return err
		}
	}
	return nil
}

// close closes the connection, after its statements: SQLite would wait for
// them and not move the WAL into the file.
func (w *writer) close() error {
	var errs []error
	for _, s := range []statement{w.begin, w.commit, w.rollback, w.insert, w.insertMany, w.deleteBelow, w.setFirst} {
		if s.Stmt != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

// write is the goroutine that writes: it commits all that waits, again and
// again, until the queue is closed and empty or writing has failed for good.
func (l *SQLite) write() {
	var requests []request
	for {
		var cut *trim
		requests, cut = l.queue.take(requests)
		if len(requests) == 0 && cut == nil {
			if l.writer.broken != nil {
				l.fatal <- l.writer.broken
			}
			return
		}
		for rest := requests; len(rest) > 0; {
			n := committable(rest)
			l.commit(rest[:n])
			rest = rest[n:]
		}
		if cut != nil {
			l.trim(cut)
		}
	}
}

// committable is how many of the requests go into one transaction.
func committable(requests []request) int {
	bytes := 0
	for i := range requests {
		if bytes += requests[i].size + rowOverhead; bytes > commitBytes {
			return i + 1
		}
	}
	return len(requests)
}

// commit writes the requests as one transaction, shows them to the followers
// and answers them, in this order: who is told a position finds it below End.
func (l *SQLite) commit(requests []request) {
	w := l.writer
	at := time.Now().UnixMilli()
	first := w.next
	if planted.AckBeforeCommit {
		l.tell(requests, first, at)
	}
	certainty, err := w.append(requests, at)
	l.queue.release(requests)
	if err != nil {
		l.refuse(requests, certainty, err)
		return
	}
	failpoint.Pass(failpoint.LogDurable)
	if !planted.AckBeforeCommit {
		l.tell(requests, first, at)
	}
	if err := w.checkpoint(); err != nil {
		l.fail(err)
	}
}

// tell shows committed requests to the followers and answers them.
func (l *SQLite) tell(requests []request, first, at int64) {
	l.tail.publish(l.writer.entries(requests, first, at))
	failpoint.Pass(failpoint.LogAnswered)
	for i := range requests {
		requests[i].done(Position{l.writer.epoch, 0, first + int64(i)}, nil)
	}
}

// refuse answers requests that were not committed, or nobody knows, and ends
// the log unless the reason is one that passes. By the time somebody learns of
// an unknown outcome nothing more is accepted.
func (l *SQLite) refuse(requests []request, certainty, reason error) {
	if !passes(reason) {
		l.fail(reason)
	}
	err := fmt.Errorf("eventlog: append to %s: %w: %w", l.path, certainty, reason)
	for i := range requests {
		requests[i].done(Position{}, err)
	}
}

// fail ends the log for the reason given, unless it has ended before.
func (l *SQLite) fail(reason error) {
	if l.writer.broken != nil {
		return
	}
	failure := fmt.Errorf("eventlog: write %s: %w: %w", l.path, ErrFailed, reason)
	l.writer.broken = failure
	l.queue.close(failure)
	l.tail.stop(failure)
}

// append commits the requests, all or none. When it fails it says how certain
// it is that none is in the log, [ErrNotAppended] or [ErrUnknown], and why.
func (w *writer) append(requests []request, at int64) (certainty, err error) {
	if w.broken != nil {
		return ErrNotAppended, w.broken
	}
	if err := w.makeRoom(); err != nil {
		return ErrNotAppended, err
	}
	if err := w.begin.exec(nil); err != nil {
		return ErrNotAppended, passing(err)
	}
	if err := w.insertAll(requests, at); err != nil {
		// Nothing of it can come to light: without its commit mark a
		// transaction in the WAL does not exist. SQLite may have rolled back
		// by itself, then this fails, as it should.
		w.rollback.exec(nil)
		return ErrNotAppended, passing(err)
	}
	failpoint.Pass(failpoint.LogAppended)
	if err := w.commit.exec(nil); err != nil {
		return w.uncommitted(err)
	}
	w.next += int64(len(requests))
	bytes := 0
	for i := range requests {
		bytes += requests[i].size + rowOverhead
	}
	w.written(bytes)
	return nil, nil
}

// uncommitted tells what a failed COMMIT means. The commit mark is the last
// thing that is written, so when there was no space for the pages of the
// transaction it is not in the file, or is there in part and fails its
// checksum; SQLite has rolled back. After any other error, most of all a failed
// fsync, the mark may have reached the disk and may count after a restart.
func (w *writer) uncommitted(err error) (certainty, reason error) {
	err = fmt.Errorf("commit: %w", err)
	if code(err) == sqlite3.SQLITE_FULL {
		w.rollback.exec(nil)
		return ErrNotAppended, passing(err)
	}
	return ErrUnknown, err
}

// passing gives a name to the failures that later appends need not have.
func passing(err error) error {
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%w: the file is locked: %w", ErrBusy, err)
	}
	return err
}

// passes says whether later writes may succeed.
func passes(err error) bool { return errors.Is(err, ErrFull) || errors.Is(err, ErrBusy) }

// insertAll binds and inserts the requests.
func (w *writer) insertAll(requests []request, at int64) error {
	defer w.forget()
	next := w.next
	for len(requests) > 0 {
		insert, rows := w.insertMany, insertRows
		if len(requests) < insertRows {
			insert, rows = w.insert, 1
		}
		w.headers = w.headers[:0]
		for i := range rows {
			w.bind(i, next+int64(i), at, &requests[i].rec)
		}
		if err := insert.exec(w.values[:recordColumns*rows]); err != nil {
			return err
		}
		next += int64(rows)
		requests = requests[rows:]
	}
	return nil
}

// bind sets the values of one row.
func (w *writer) bind(row int, offset, at int64, rec *Record) {
	start := len(w.headers)
	// Growing leaves the headers of earlier rows where they were.
	w.headers = appendHeaders(w.headers, rec.Headers)
	headers := w.headers[start:]
	values := w.values[recordColumns*row:]
	values[0].Value = offset
	values[1].Value = at
	values[2].Value = blob(rec.Key)
	values[3].Value = blob(headers)
	values[4].Value = blob(rec.Value)
	values[5].Value = int64(checksum(offset, at, rec.Key, headers, rec.Value))
}

func blob(b []byte) driver.Value {
	if len(b) == 0 {
		return nil
	}
	return b
}

// forget lets go of the records that were bound last.
func (w *writer) forget() {
	for i := range w.values {
		w.values[i].Value = nil
	}
}

// entries are the committed requests as followers get them.
func (w *writer) entries(requests []request, first, at int64) []Entry {
	entries := make([]Entry, len(requests))
	taken := time.UnixMilli(at).UTC()
	for i := range requests {
		entries[i] = Entry{
			Position: Position{w.epoch, 0, first + int64(i)},
			Record:   requests[i].rec,
			Time:     taken,
		}
	}
	return entries
}
