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

// fileHistory is what stores.jsonl has so far.
type fileHistory struct {
	logged int64            // records of the log
	copies int              // snapshots of the store
	rooms  map[int64]uint64 // by room: the last row of it
	bytes  int64            // of the files that were copied last
}

// How much is read how often, so that a long campaign stays linear.
const (
	// smallFiles are copied after every fault, larger ones when they have
	// grown by a quarter since.
	smallFiles = 64 << 20
	// Up to fewRecords every row is read each time; later those that are new,
	// and all of them every wholeEvery snapshots and in the end.
	fewRecords = 4000
	wholeEvery = 50
)

var copied = []string{"log.db", "log.db-wal", "parley.db", "parley.db-wal"}

// snapshot reads copies of the server's files, while it does not run, if that
// is due.
func (c *campaign) snapshot() error {
	size, err := c.filesSize()
	if err != nil || size > smallFiles && size < c.files.bytes*5/4 {
		return err
	}
	whole := c.files.logged < fewRecords || c.files.copies%wholeEvery == 0
	_, err = c.look(size, whole)
	return err
}

// lastSnapshot reads everything, and returns how many records of the log the
// store has not got.
func (c *campaign) lastSnapshot() (behind int64, err error) {
	size, err := c.filesSize()
	if err != nil {
		return 0, err
	}
	return c.look(size, true)
}

func (c *campaign) filesSize() (bytes int64, err error) {
	for _, name := range copied {
		info, err := os.Stat(filepath.Join(c.dir, dataDir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		bytes += info.Size()
	}
	return bytes, nil
}

func (c *campaign) look(size int64, whole bool) (behind int64, err error) {
	c.files.bytes = size
	dir, err := os.MkdirTemp(c.dir, "copy-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, name := range copied {
		if err := copyFile(filepath.Join(c.dir, dataDir, name), filepath.Join(dir, name)); err != nil {
			return 0, err
		}
	}
	if err := c.dumpLog(filepath.Join(dir, "log.db")); err != nil {
		return 0, fmt.Errorf("read the log: %w", err)
	}
	watermark, err := c.dumpStore(filepath.Join(dir, "parley.db"), whole)
	if err != nil {
		return 0, fmt.Errorf("read the store: %w", err)
	}
	return c.files.logged - watermark, nil
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
	Target uint64 `json:"targetSeq"`
}

func (b *body) event() check.Event {
	e := check.Event{Kind: b.Kind, User: b.User, CID: b.CID, ID: b.ID, Target: b.Target}
	if b.Text != "" {
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
	rows, err := db.Query(`SELECT pos, value FROM records WHERE pos >= ? ORDER BY pos`, c.files.logged)
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
		c.files.logged = pos + 1
	}
	return rows.Err()
}

// dumpStore writes down what the store holds of all rooms, or what is new of
// them, and returns the watermark.
func (c *campaign) dumpStore(path string, whole bool) (watermark int64, err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRow(`SELECT next FROM watermarks`).Scan(&watermark)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	c.files.copies++
	if whole || c.files.rooms == nil {
		whole, c.files.rooms = true, make(map[int64]uint64)
	}
	c.stores.Write(check.Line{What: check.Snapshot, Snapshot: c.files.copies, Watermark: watermark, More: !whole})
	rooms, err := roomsIn(db)
	if err != nil {
		return 0, err
	}
	for _, room := range rooms {
		if err := c.dumpRoom(db, room); err != nil {
			return 0, fmt.Errorf("room %d: %w", room, err)
		}
	}
	return watermark, c.dumpFormer(db)
}

// dumpFormer writes down which messages have former texts.
func (c *campaign) dumpFormer(db *sql.DB) error {
	rows, err := db.Query(`SELECT DISTINCT room, seq FROM edits`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		line := check.Line{What: check.Former, Snapshot: c.files.copies}
		if err := rows.Scan(&line.Room, &line.Seq); err != nil {
			return err
		}
		c.stores.Write(line)
	}
	return rows.Err()
}

// roomsIn are the rooms that have rows, whether the store knows them or not.
func roomsIn(db *sql.DB) (rooms []int64, err error) {
	rows, err := db.Query(`SELECT DISTINCT room FROM events ORDER BY room`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var room int64
		if err := rows.Scan(&room); err != nil {
			return nil, err
		}
		rooms = append(rooms, room)
	}
	return rooms, rows.Err()
}

// dumpRoom writes down the rows of a room behind those that stand there, and
// messages that were changed since.
func (c *campaign) dumpRoom(db *sql.DB, room int64) error {
	rows, err := db.Query(`SELECT seq, kind, user, coalesce(cid, ''), id, outcome, coalesce(target_seq, 0), rev, deleted, coalesce(body, '')
		FROM events WHERE room = ?1 AND (seq > ?2 OR rev > ?2) ORDER BY seq`, room, c.files.rooms[room])
	if err != nil {
		return err
	}
	defer rows.Close()
	last := c.files.rooms[room]
	for rows.Next() {
		line := check.Line{What: check.Stored, Snapshot: c.files.copies, Room: room}
		var raw []byte
		row := &line.Event
		if err := rows.Scan(&row.Seq, &row.Kind, &row.User, &row.CID, &row.ID, &line.Void, &row.Target, &row.Rev, &row.Deleted, &raw); err != nil {
			return err
		}
		if line.Void != "" {
			row.ID = ""
		} else {
			var b body
			if err := json.Unmarshal(raw, &b); err != nil {
				return fmt.Errorf("event %d: %w", row.Seq, err)
			}
			if b.Text != "" {
				row.Hash = check.Hash(b.Text)
			}
		}
		last = max(last, row.Seq)
		c.stores.Write(line)
	}
	c.files.rooms[room] = last
	return rows.Err()
}
