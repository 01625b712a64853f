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
	Target uint64 `json:"targetSeq"`
}

func (b *body) hash() string {
	if b.Text == "" {
		return ""
	}
	return check.Hash(b.Text)
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
		event := check.Event{Kind: b.Kind, User: b.User, CID: b.CID, ID: b.ID, Target: b.Target, Hash: b.hash()}
		r.stores.Write(check.Line{What: check.Logged, Offset: pos, Room: b.Room, Event: event})
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
	if err := r.dumpEvents(db); err != nil {
		return 0, err
	}
	return watermark, r.dumpFormer(db)
}

func (r *run) dumpEvents(db *sql.DB) error {
	rows, err := db.Query(`SELECT room, seq, kind, user, coalesce(cid, ''), id, outcome, coalesce(target_seq, 0), rev, deleted, coalesce(body, '')
		FROM events ORDER BY room, seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		line := check.Line{What: check.Stored, Snapshot: r.snapshots}
		var raw []byte
		row := &line.Event
		if err := rows.Scan(&line.Room, &row.Seq, &row.Kind, &row.User, &row.CID, &row.ID, &line.Void, &row.Target, &row.Rev, &row.Deleted, &raw); err != nil {
			return err
		}
		if line.Void != "" {
			r.voids[line.Void]++
			row.ID = ""
		} else {
			var b body
			if err := json.Unmarshal(raw, &b); err != nil {
				return fmt.Errorf("event %d of room %d: %w", row.Seq, line.Room, err)
			}
			row.Hash = b.hash()
		}
		r.stores.Write(line)
	}
	return rows.Err()
}

// dumpFormer writes down which messages have former texts.
func (r *run) dumpFormer(db *sql.DB) error {
	rows, err := db.Query(`SELECT DISTINCT room, seq FROM edits`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		line := check.Line{What: check.Former, Snapshot: r.snapshots}
		if err := rows.Scan(&line.Room, &line.Seq); err != nil {
			return err
		}
		r.stores.Write(line)
	}
	return rows.Err()
}
