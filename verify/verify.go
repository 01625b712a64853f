package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/store"
)

// Source is what is compared. Nobody trims the log meanwhile.
type Source struct {
	Store *store.Store
	Log   eventlog.Log
}

// Difference is one value that is not what it has to be.
type Difference struct {
	// Table of the store, or "log".
	Table string `json:"table"`
	// Key names the row where it is not of an event: an account, a member.
	Key    string      `json:"key,omitempty"`
	Room   chat.RoomID `json:"room,omitempty"`
	Seq    chat.Seq    `json:"seq,omitempty"`
	Column string      `json:"column,omitempty"` // empty: the row as a whole
	// Offset is where the log has the record, when it was compared with one.
	Offset   *int64 `json:"offset,omitempty"`
	Stored   string `json:"stored"`
	Expected string `json:"expected"`
}

// String is the difference in one line.
func (d Difference) String() string {
	text := d.Table
	if d.Column != "" {
		text += "." + d.Column
	}
	if d.Room != 0 {
		text += fmt.Sprintf(" of room %d", d.Room)
	}
	if d.Seq != 0 {
		text += fmt.Sprintf(", event %d", d.Seq)
	}
	if d.Key != "" {
		text += ", " + d.Key
	}
	if d.Offset != nil {
		text += fmt.Sprintf(" (offset %d of the log)", *d.Offset)
	}
	return fmt.Sprintf("%s: stored is %s, expected %s", text, d.Stored, d.Expected)
}

// Report says what was compared.
type Report struct {
	Epoch      string           `json:"epoch"`
	Partitions []Partition      `json:"partitions"`
	Records    int64            `json:"records"`  // of the log, applied again
	Roomless   int64            `json:"roomless"` // records that name no room
	Rooms      int64            `json:"rooms"`
	Events     int64            `json:"events"`
	Voids      int64            `json:"voids"`
	Messages   int64            `json:"messages"` // n of all rooms
	Texts      int64            `json:"texts"`    // held against their mac
	Tables     map[string]int64 `json:"tables"`   // rows of each
	// Differences counts all that were found, also those not told.
	Differences int64 `json:"differences"`
}

// Partition is how much of a partition was compared.
type Partition struct {
	Partition int32 `json:"partition"`
	Begin     int64 `json:"begin"`     // first offset in the log
	Watermark int64 `json:"watermark"` // the next offset that the store does not hold
	End       int64 `json:"end"`       // of the log, when it was looked at
}

// Bounds on what is told: one cause can make every row of a room differ.
const (
	maxDifferences     = 1000
	maxRoomDifferences = 20
)

// maxStateBytes is about how much memory the states of rooms may take at once.
const maxStateBytes = 256 << 20

// Run compares everything and calls tell for each difference, at most 1,000,
// and at most 20 of a room. An error means that the comparison could not be
// finished.
func Run(ctx context.Context, source Source, tell func(Difference) error) (*Report, error) {
	v := newVerification(ctx, source, tell)
	if err := source.Store.Snapshot(ctx, v.run); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return v.report, nil
}

// verification is one run.
type verification struct {
	ctx   context.Context
	log   eventlog.Log
	db    *store.Snapshot
	tell  func(Difference) error
	limit int // bytes of states

	macKey []byte
	report *Report
	told   map[chat.RoomID]int // differences by room

	// records are the rooms that have records in the log below the watermark.
	records map[chat.RoomID]*recorded
	// logBroken: the log cannot be read; the store is compared alone.
	logBroken bool
}

func newVerification(ctx context.Context, source Source, tell func(Difference) error) *verification {
	return &verification{
		ctx: ctx, log: source.Log, tell: tell, limit: maxStateBytes,
		report:  &Report{Epoch: source.Log.Epoch()},
		told:    make(map[chat.RoomID]int),
		records: make(map[chat.RoomID]*recorded),
	}
}

// recorded is what the log has of a room.
type recorded struct {
	partition int32
	count     int64
	first     int64       // offset of the first
	user      chat.UserID // of the first, with cid
	cid       string
	// state is the room below its first record, while the room is compared.
	state *chat.State
	known bool // the store has the room
}

func (v *verification) run(db *store.Snapshot) (err error) {
	v.db = db
	if v.macKey, err = db.Key("mac"); err != nil {
		return err
	}
	if v.report.Tables, err = db.Tables(); err != nil {
		return err
	}
	if err := v.positions(); err != nil {
		return err
	}
	if err := v.countRecords(); err != nil {
		return err
	}
	if err := v.rules(); err != nil {
		return err
	}
	if err := v.rooms(); err != nil {
		return err
	}
	return v.unknownRooms()
}

// differ notes a difference.
func (v *verification) differ(d Difference) error {
	v.report.Differences++
	v.told[d.Room]++
	if v.report.Differences > maxDifferences || d.Room != 0 && v.told[d.Room] > maxRoomDifferences {
		return nil
	}
	return v.tell(d)
}

// positions compares where the store stands with the log.
func (v *verification) positions() error {
	marks, err := v.db.Watermarks()
	if err != nil {
		return err
	}
	for partition := range v.log.Partitions() {
		p := Partition{Partition: partition, Watermark: -1}
		if p.Begin, err = v.log.Begin(v.ctx, partition); err != nil {
			return err
		}
		if p.End, err = v.log.End(v.ctx, partition); err != nil {
			return err
		}
		for _, mark := range marks {
			if mark.Epoch == v.report.Epoch && mark.Partition == partition {
				p.Watermark = mark.Next
			}
		}
		d := Difference{Table: "watermarks", Key: fmt.Sprintf("partition %d of epoch %s", partition, v.report.Epoch)}
		switch {
		case p.Watermark < 0:
			d.Stored, d.Expected = "no row", fmt.Sprintf("a row: the log goes from offset %d to %d", p.Begin, p.End)
		case p.Watermark > p.End:
			d.Column, d.Stored, d.Expected = "next", fmt.Sprint(p.Watermark), fmt.Sprintf("at most the log's end %d", p.End)
		case p.Watermark < p.Begin:
			d.Column, d.Stored, d.Expected = "next", fmt.Sprint(p.Watermark), fmt.Sprintf("at least the log's begin %d", p.Begin)
		}
		if d.Expected != "" {
			if err := v.differ(d); err != nil {
				return err
			}
			p.Watermark = p.Begin // nothing of the log can be compared
		}
		v.report.Partitions = append(v.report.Partitions, p)
	}
	return nil
}

// rules compares rows that events have no part in.
func (v *verification) rules() error {
	var failure error
	err := v.db.Broken(func(b store.Broken) {
		failure = errors.Join(failure, v.differ(Difference{Table: b.Table, Column: b.Column, Key: b.Key, Stored: b.Stored, Expected: b.Expected}))
	})
	return errors.Join(err, failure)
}

// roomsAtOnce bounds one query for rooms.
const roomsAtOnce = 500

// rooms compares all rooms, as many together as their states may be held.
func (v *verification) rooms() error {
	var group []*recorded // with a state
	bytes := 0
	flush := func() error {
		if len(group) == 0 {
			return nil
		}
		err := v.replay()
		for _, r := range group {
			r.state = nil
		}
		group, bytes = group[:0], 0
		return err
	}
	for after := chat.RoomID(0); ; {
		rows, err := v.db.Rooms(after, roomsAtOnce)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return flush()
		}
		for i := range rows {
			after = rows[i].Room.ID
			state, err := v.storedRoom(&rows[i])
			if err != nil {
				return fmt.Errorf("room %d: %w", after, err)
			}
			if state == nil {
				continue
			}
			r := v.records[after]
			r.state = state
			group = append(group, r)
			if bytes += weight(&rows[i].Room); bytes >= v.limit {
				if err := flush(); err != nil {
					return err
				}
			}
		}
	}
}

// weight is about how many bytes the state of a room takes.
func weight(room *chat.Room) int {
	const fixed, entry, person = 1024, 96, 128
	return fixed + entry*int(min(room.Head.Seq, chat.WindowRecords)) + person*room.Members
}

// unknownRooms tells of records whose room the store does not have.
func (v *verification) unknownRooms() error {
	for id, r := range v.records {
		if r.known {
			continue
		}
		if err := v.differ(Difference{Table: "rooms", Room: id, Offset: &r.first, Stored: "no row", Expected: fmt.Sprintf("a row: the log has %d records of the room", r.count)}); err != nil {
			return err
		}
	}
	return nil
}
