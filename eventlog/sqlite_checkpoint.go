package eventlog

import (
	"fmt"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/parleychat/parley/internal/failpoint"
)

// The WAL has to be moved into the file from time to time. SQLite would do it
// within a commit and keep quiet about failures; done here, those who wait for
// the commit are answered before, and a file that cannot grow is noticed.
//
// On a full disk the WAL must not grow without bound. Its index is a file
// mapped in pieces of 32 KiB, the first of which holds 4,062 pages, and it is
// extended after the commit mark is written: no space for that would be a
// commit of unknown outcome, the end of the process, instead of a refusal. With
// the WAL bounded below that number a full disk is only ever noticed while
// writing pages. (Someone who reads the file with another program for long
// keeps the WAL from being emptied, and the bound does not hold.)
const (
	walPages     = 2000 // in the WAL: move them
	walFullPages = 2500 // in the WAL, and the file cannot grow: commit no more
)

// What a transaction writes, estimated from above: rows that fill just more
// than half a page leave the other half empty.
const (
	pageBytes   = 4096
	rowOverhead = 48 // bytes of a row besides its record
	commitPages = 4  // the last leaf, and what is above it
)

// written adds the pages of a transaction to the estimate of the WAL's size.
func (w *writer) written(recordBytes int) {
	w.walPages += commitPages + 2*recordBytes/pageBytes
}

// checkpoint moves the WAL into the file when it has grown enough. The error is
// one that ends writing. No space for the file is none: the WAL still has all
// there is, and the next commit tries again.
func (w *writer) checkpoint() error {
	if w.walPages < walPages {
		return nil
	}
	err := w.moveWAL()
	if code(err) == sqlite3.SQLITE_FULL {
		w.cannotGrow = err
		return nil
	}
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	failpoint.Pass(failpoint.LogCheckpointed)
	w.cannotGrow = nil
	w.walPages = 0
	return nil
}

// moveWAL copies all of the WAL into the file. Nobody reads the file meanwhile:
// a reader that had begun before would keep the next commit from beginning the
// WAL anew, and with enough of them coming and going it would grow for ever.
// One that begins after needs the file only and is in nobody's way.
func (w *writer) moveWAL() error {
	w.gate.Lock()
	defer w.gate.Unlock()
	_, err := w.conn.row(`PRAGMA wal_checkpoint(PASSIVE)`)
	return err
}

// makeRoom says whether a transaction may be written to the WAL.
func (w *writer) makeRoom() error {
	if w.cannotGrow == nil || w.walPages < walFullPages {
		return nil
	}
	if err := w.checkpoint(); err != nil {
		return err
	}
	if w.cannotGrow != nil {
		return passing(w.cannotGrow)
	}
	return nil
}
