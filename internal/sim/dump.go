package sim

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	_ "modernc.org/sqlite" // to read the server's files by their documented form

	"github.com/parleychat/parley/internal/check"
)

// snapshot reads the files of a node that does not run, or copies of them, and
// returns how many records of the log the store has not got yet.
func (r *run) snapshot(dir string) (behind int64, err error) {
	if err := r.dumpLog(filepath.Join(dir, "log.db")); err != nil {
		return 0, fmt.Errorf("read the log: %w", err)
	}
	watermark, err := r.dumpStore(filepath.Join(dir, "parley.db"))
	if err != nil {
		return 0, fmt.Errorf("read the store: %w", err)
	}
	return r.logged - watermark, nil
}

// body is what a record's value, or a stored event's body, says.
type body struct {
	Kind   string `json:"kind"`
	Room   int64  `json:"roomId"`
	User   int64  `json:"userId"`
	CID    string `json:"cid"`
	ID     string `json:"id"`
	Text   string `json:"messageText"`
	isVoid bool
}

func (b *body) event() check.Event {
	e := check.Event{Kind: b.Kind, User: b.User, CID: b.CID, ID: b.ID}
	if b.Kind == check.KindMessage && !b.isVoid {
		e.Hash = check.Hash(b.Text)
	}
	return e
}

// dumpLog writes down the records that came since the last time.
func (r *run) dumpLog(path string) (err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.Query(`SELECT pos, value FROM records WHERE pos >= ? ORDER BY pos`, r.logged)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var pos int64
		var value []byte
		if err := rows.Scan(&pos, &value); err != nil {
			return err
		}
		var b body
		if err := json.Unmarshal(value, &b); err != nil {
			return fmt.Errorf("record %d: %w", pos, err)
		}
		r.stores.Write(check.Line{What: check.Logged, Offset: pos, Room: b.Room, Event: b.event()})
		r.logged = pos + 1
	}
	return rows.Err()
}

// dumpStore writes down what the store holds of all rooms, and returns the
// watermark.
func (r *run) dumpStore(path string) (watermark int64, err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRow(`SELECT next FROM watermarks`).Scan(&watermark)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	r.snapshots++
	r.voids = make(map[string]int)
	r.stores.Write(check.Line{What: check.Snapshot, Snapshot: r.snapshots, Watermark: watermark})
	rows, err := db.Query(`SELECT room, seq, kind, user, coalesce(cid, ''), id, outcome, coalesce(body, '') FROM events ORDER BY room, seq`)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var line check.Line
		var raw []byte
		row := &line.Event
		if err := rows.Scan(&line.Room, &row.Seq, &row.Kind, &row.User, &row.CID, &row.ID, &line.Void, &raw); err != nil {
			return 0, err
		}
		if line.Void != "" {
			r.voids[line.Void]++
			row.ID = ""
		} else if row.Kind == check.KindMessage {
			var b body
			if err := json.Unmarshal(raw, &b); err != nil {
				return 0, fmt.Errorf("event %d of room %d: %w", row.Seq, line.Room, err)
			}
			row.Hash = check.Hash(b.Text)
		}
		line.What, line.Snapshot = check.Stored, r.snapshots
		r.stores.Write(line)
	}
	return watermark, rows.Err()
}
