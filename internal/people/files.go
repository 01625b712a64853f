package people

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	_ "modernc.org/sqlite" // to read the server's files by their documented form

	"github.com/parleychat/parley/internal/check"
)

// Files writes down what a server's files hold, looked at again and again while
// no server runs on them.
type Files struct {
	Lines *check.Writer

	logged map[int]int64    // by partition: records of the log so far
	looks  int              // at the store
	rooms  map[int64]uint64 // by room: the last row so far
	voids  map[string]int   // rows that are void, by why
}

// Logged is how many records of the log there were.
func (f *Files) Logged() (records int64) {
	for _, of := range f.logged {
		records += of
	}
	return records
}

// LoggedOf is Logged for one partition: the next offset.
func (f *Files) LoggedOf(partition int) int64 { return f.logged[partition] }

// Looks is how often the store was looked at.
func (f *Files) Looks() int { return f.looks }

// Voids counts the records without effect that the store holds, by why.
func (f *Files) Voids() map[string]int { return f.voids }

// Look reads the files of a server that does not run, or copies of them: of the
// log what came since the last time, of the store all if whole, else what is new
// or has changed. It returns how many records of the log the store has not got.
func (f *Files) Look(dir string, whole bool) (behind int64, err error) {
	if err := f.dumpLog(filepath.Join(dir, "log.db")); err != nil {
		return 0, fmt.Errorf("read the log: %w", err)
	}
	if behind, err = f.dumpStore(filepath.Join(dir, "parley.db"), whole); err != nil {
		return 0, fmt.Errorf("read the store: %w", err)
	}
	return behind, nil
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
func (f *Files) dumpLog(path string) (err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.Query(`SELECT pos, value FROM records WHERE pos >= ? ORDER BY pos`, f.logged[0])
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
		if err := f.Record(0, pos, value); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Record writes down the next record of a partition of the log, by its value.
func (f *Files) Record(partition int, offset int64, value []byte) error {
	var b body
	if err := json.Unmarshal(value, &b); err != nil {
		return fmt.Errorf("record %d of partition %d: %w", offset, partition, err)
	}
	event := check.Event{Kind: b.Kind, User: b.User, CID: b.CID, ID: b.ID, Target: b.Target, Hash: b.hash()}
	f.Lines.Write(check.Line{What: check.Logged, Partition: partition, Offset: offset, Room: b.Room, Event: event})
	if f.logged == nil {
		f.logged = make(map[int]int64)
	}
	f.logged[partition] = offset + 1
	return nil
}

// Database is a database, or a transaction of one, whichever it is.
type Database interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// dumpStore writes down what the store holds of all rooms, or what is new of
// them, and returns how many records of the log it has not got.
func (f *Files) dumpStore(path string, whole bool) (behind int64, err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return f.Store(db, whole)
}

// Store writes down what the store holds, all if whole, else what is new or has
// changed, and returns how many of the records that were written down it has not
// got. The log has had one epoch.
func (f *Files) Store(db Database, whole bool) (behind int64, err error) {
	watermarks, err := watermarksIn(db)
	if err != nil {
		return 0, err
	}
	f.looks++
	if whole || f.rooms == nil {
		whole, f.rooms, f.voids = true, make(map[int64]uint64), make(map[string]int)
	}
	f.Lines.Write(check.Line{What: check.Snapshot, Snapshot: f.looks, More: !whole})
	behind = f.Logged()
	for _, partition := range slices.Sorted(maps.Keys(watermarks)) {
		f.Lines.Write(check.Line{What: check.UpTo, Snapshot: f.looks, Partition: partition, Watermark: watermarks[partition]})
		behind -= watermarks[partition]
	}
	rooms, err := roomsIn(db)
	if err != nil {
		return 0, err
	}
	for _, room := range rooms {
		if err := f.dumpRoom(db, room); err != nil {
			return 0, fmt.Errorf("room %d: %w", room, err)
		}
	}
	return behind, f.dumpFormer(db)
}

// watermarksIn are the next offsets that are not stored, by partition.
func watermarksIn(db Database) (map[int]int64, error) {
	rows, err := db.Query(`SELECT partition_no, next FROM watermarks`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	watermarks := make(map[int]int64)
	for rows.Next() {
		var partition int
		var next int64
		if err := rows.Scan(&partition, &next); err != nil {
			return nil, err
		}
		watermarks[partition] = next
	}
	return watermarks, rows.Err()
}

// roomsIn are the rooms that have rows, whether the store knows them or not.
func roomsIn(db Database) (rooms []int64, err error) {
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
func (f *Files) dumpRoom(db Database, room int64) error {
	last := f.rooms[room]
	rows, err := db.Query(`SELECT seq, kind, user, coalesce(cid, ''), id, outcome, coalesce(target_seq, 0), rev, deleted, coalesce(body, '')
		FROM events WHERE room = ? AND (seq > ? OR rev > ?) ORDER BY seq`, room, last, last)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		line := check.Line{What: check.Stored, Snapshot: f.looks, Room: room}
		var raw []byte
		row := &line.Event
		if err := rows.Scan(&row.Seq, &row.Kind, &row.User, &row.CID, &row.ID, &line.Void, &row.Target, &row.Rev, &row.Deleted, &raw); err != nil {
			return err
		}
		if line.Void != "" {
			f.voids[line.Void]++
			row.ID = ""
		} else {
			var b body
			if err := json.Unmarshal(raw, &b); err != nil {
				return fmt.Errorf("event %d: %w", row.Seq, err)
			}
			row.Hash = b.hash()
		}
		last = max(last, row.Seq)
		f.Lines.Write(line)
	}
	f.rooms[room] = last
	return rows.Err()
}

// dumpFormer writes down which messages have former texts.
func (f *Files) dumpFormer(db Database) error {
	rows, err := db.Query(`SELECT DISTINCT room, seq FROM edits`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		line := check.Line{What: check.Former, Snapshot: f.looks}
		if err := rows.Scan(&line.Room, &line.Seq); err != nil {
			return err
		}
		f.Lines.Write(line)
	}
	return rows.Err()
}
