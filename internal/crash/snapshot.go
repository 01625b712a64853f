package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // to read the server's files by their documented form

	"github.com/parleychat/parley/internal/check"
)

// snapshot reads copies of the server's files, while it does not run, and
// returns how many records of the log the store has not got yet.
func (c *campaign) snapshot() (behind int64, err error) {
	dir, err := os.MkdirTemp(c.dir, "copy-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, name := range []string{"log.db", "log.db-wal", "parley.db", "parley.db-wal"} {
		if err := copyFile(filepath.Join(c.dir, dataDir, name), filepath.Join(dir, name)); err != nil {
			return 0, err
		}
	}
	if err := c.dumpLog(filepath.Join(dir, "log.db")); err != nil {
		return 0, fmt.Errorf("read the log: %w", err)
	}
	watermark, err := c.dumpStore(filepath.Join(dir, "parley.db"))
	if err != nil {
		return 0, fmt.Errorf("read the store: %w", err)
	}
	return c.logged - watermark, nil
}

// copyFile copies a file that may be missing.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
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
func (c *campaign) dumpLog(path string) (err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.Query(`SELECT pos, value FROM records WHERE pos >= ? ORDER BY pos`, c.logged)
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
		c.stores.Write(check.Line{What: check.Logged, Offset: pos, Room: b.Room, Event: b.event()})
		c.logged = pos + 1
	}
	return rows.Err()
}

// dumpStore writes down what the store holds of all rooms, and returns the
// watermark.
func (c *campaign) dumpStore(path string) (watermark int64, err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRow(`SELECT next FROM watermarks`).Scan(&watermark)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	c.copies++
	c.stores.Write(check.Line{What: check.Snapshot, Snapshot: c.copies, Watermark: watermark})
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
			row.ID = ""
		} else if row.Kind == check.KindMessage {
			var b body
			if err := json.Unmarshal(raw, &b); err != nil {
				return 0, fmt.Errorf("event %d of room %d: %w", row.Seq, line.Room, err)
			}
			row.Hash = check.Hash(b.Text)
		}
		line.What, line.Snapshot = check.Stored, c.copies
		c.stores.Write(line)
	}
	return watermark, rows.Err()
}
