package check

import (
	"maps"
	"slices"
	"sort"
)

// logDump is the log as it was read.
type logDump struct {
	records []record
	ends    map[int]int64   // by partition: the next offset; nil: there is no log
	rooms   map[int64][]int // by room: its records, as indexes of records
	taken   snapshot        // the snapshot at hand
}

// record is one record of the log.
type record struct {
	Event     // seq is its number in its room
	partition int
	offset    int64
	room      int64
	ref       Ref
}

// snapshot is the store at one instant. What rooms and cids hold is kept for a
// next one that names new rows only.
type snapshot struct {
	number int
	ends   map[int]int64 // by partition: where the log ended
	upTo   map[int]int64 // by partition: the watermark
	ref    Ref
	rooms  map[int64]uint64 // by room: the last row; nil before the first snapshot
	cids   map[cidOf]*Event // of the rows that keep theirs: all but copies, conflicts and stale ones
	forms  storedForms
}

type cidOf struct {
	room int64
	sender
}

func (j *Judge) logged(_ *file, ref Ref, line *Line) {
	l := &j.log
	if l.rooms == nil {
		l.rooms, l.ends = make(map[int64][]int), make(map[int]int64)
	}
	if want := l.ends[line.Partition]; line.Offset != want {
		j.violate("H", []Ref{ref}, "the log's dump has offset %d of partition %d instead of %d", line.Offset, line.Partition, want)
		return
	}
	l.ends[line.Partition]++
	rec := record{Event: line.Event, partition: line.Partition, offset: line.Offset, room: line.Room, ref: ref}
	rec.Seq = uint64(len(l.rooms[line.Room]) + 1)
	if first := l.record(line.Room, 1); first != nil && first.partition != rec.partition {
		j.violate("I16", []Ref{first.ref, ref}, "room %d has records in partition %d and in partition %d", line.Room, first.partition, rec.partition)
	}
	l.rooms[line.Room] = append(l.rooms[line.Room], len(l.records))
	l.records = append(l.records, rec)
}

// record is the k-th record of a room.
func (l *logDump) record(room int64, k uint64) *record {
	if of := l.rooms[room]; k >= 1 && k <= uint64(len(of)) {
		return &l.records[of[k-1]]
	}
	return nil
}

// below counts a room's records below the offset up to which its partition was
// stored.
func (l *logDump) below(room int64, upTo map[int]int64) uint64 {
	of := l.rooms[room]
	return uint64(sort.Search(len(of), func(i int) bool {
		rec := &l.records[of[i]]
		return rec.offset >= upTo[rec.partition]
	}))
}

func (j *Judge) snapshot(_ *file, ref Ref, line *Line) {
	j.endSnapshot()
	counts := &j.verdict.Counts
	counts.Snapshots++
	s := &j.log.taken
	s.number, s.ref = line.Snapshot, ref
	s.ends, s.upTo = maps.Clone(j.log.ends), make(map[int]int64)
	if s.rooms == nil || !line.More {
		s.rooms, s.cids = make(map[int64]uint64), make(map[cidOf]*Event)
		s.forms = storedForms{changes: make(map[messageOf]lastChange), revs: make(map[messageOf]uint64)}
	}
	s.forms.former = make(map[messageOf]Ref)
}

// upTo takes how far a snapshot says that it goes.
func (j *Judge) upTo(_ *file, ref Ref, line *Line) {
	s := &j.log.taken
	if line.Snapshot != s.number || s.rooms == nil {
		j.violate("H", []Ref{ref}, "a watermark of snapshot %d in snapshot %d", line.Snapshot, s.number)
		return
	}
	s.upTo[line.Partition] = line.Watermark
	if end := s.ends[line.Partition]; line.Watermark > end {
		j.violate("I16", []Ref{s.ref, ref}, "the store says that it has partition %d below %d, but it ends at %d", line.Partition, line.Watermark, end)
	}
}

// stored compares a row with the record that it was made from.
func (j *Judge) stored(_ *file, ref Ref, line *Line) {
	l := &j.log
	s := &l.taken
	if line.Snapshot != s.number || s.rooms == nil {
		j.violate("H", []Ref{ref}, "a row of snapshot %d in snapshot %d", line.Snapshot, s.number)
		return
	}
	again := line.Kind == KindMessage && line.Rev > 0 && line.Seq <= s.rooms[line.Room] // it was changed since
	if line.Seq != s.rooms[line.Room]+1 && !again {
		j.violate("I16", []Ref{s.ref, ref}, "the store has number %d of room %d behind %d", line.Seq, line.Room, s.rooms[line.Room])
	}
	s.rooms[line.Room] = max(s.rooms[line.Room], line.Seq)
	rec := l.record(line.Room, line.Seq)
	if rec == nil {
		j.violate("I16", []Ref{s.ref, ref}, "the store has number %d of room %d, which the log has not", line.Seq, line.Room)
		return
	}
	j.sameForm(rec, s, ref, line)
	if !again {
		j.sameEffect(rec, s, ref, line)
	}
}

// sameForm judges what a row says by its record.
func (j *Judge) sameForm(rec *record, s *snapshot, ref Ref, line *Line) {
	same := line.Kind == rec.Kind && line.User == rec.User &&
		(line.CID == rec.CID || line.CID == "" && line.Void != "") &&
		(line.Void != "" || line.ID == rec.ID && line.Target == rec.Target)
	if !same || !j.log.storedForm(rec, line) {
		j.violate("I16", []Ref{rec.ref, ref}, "number %d of room %d is %s in the log and %s in the store", line.Seq, line.Room, describe(&rec.Event), describe(&line.Event))
	}
	s.forms.take(rec, line)
}

// sameEffect judges by its record whether a row had an effect: that follows from
// nothing but the records before it, so far as copies go.
func (j *Judge) sameEffect(rec *record, s *snapshot, ref Ref, line *Line) {
	lines := []Ref{rec.ref, ref}
	key := cidOf{line.Room, sender{rec.User, rec.CID}}
	first := s.cids[key]
	switch {
	case line.Void == "" && first != nil:
		j.violate("I16", lines, "number %d of room %d has the cid of number %d, and was stored as new", line.Seq, line.Room, first.Seq)
	case first == nil && line.CID != "":
		s.cids[key] = &rec.Event
	case first != nil && !slices.Contains(repeated, line.Void):
		j.violate("I16", lines, "number %d of room %d has the cid of number %d, and was stored as %s", line.Seq, line.Room, first.Seq, line.Void)
	case line.Void == "copy" && (first == nil || contentOf(first) != contentOf(&rec.Event)):
		j.violate("I16", lines, "number %d of room %d was stored as a copy, and is none", line.Seq, line.Room)
	case line.Void == "cid_conflict" && (first == nil || contentOf(first) == contentOf(&rec.Event)):
		j.violate("I16", lines, "number %d of room %d was stored as a conflict, and is none", line.Seq, line.Room)
	}
	r := j.rooms[line.Room]
	if r == nil {
		return // no client was there
	}
	if k := r.claims[line.Seq]; k != nil && (k.Kind == KindVoid) != (line.Void != "") {
		j.violate("I16", []Ref{k.ref, ref}, "number %d of room %d is %s to clients, and void in the store: %q", line.Seq, line.Room, describe(&k.Event), line.Void)
	}
}

// repeated are the voids that a record with a cid that is there can come to.
var repeated = []string{"copy", "cid_conflict", "stale"}

// endSnapshot judges whether a snapshot had all that its watermark promises.
func (j *Judge) endSnapshot() {
	l := &j.log
	s := &l.taken
	if s.rooms == nil {
		return
	}
	for partition, end := range s.ends {
		if s.upTo[partition] < end {
			j.verdict.Counts.StoredBehind++
			break
		}
	}
	for _, room := range slices.Sorted(maps.Keys(l.rooms)) {
		if want := l.below(room, s.upTo); s.rooms[room] != want {
			j.violate("I16", []Ref{s.ref}, "snapshot %d has room %d up to %d; below its watermark %d the log has %d",
				s.number, room, s.rooms[room], s.upTo[l.record(room, 1).partition], want)
		}
	}
	j.judgeStoredForms(s)
}

// judgeLog compares the log with what people see: every number is a record.
func (j *Judge) judgeLog() {
	j.endSnapshot()
	l := &j.log
	if l.rooms == nil {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(j.rooms)) {
		r := j.rooms[id]
		if j.stuck {
			j.judgeLeft(r)
			continue
		}
		if records := uint64(len(l.rooms[id])); records != r.head {
			j.violate("I16", []Ref{r.lineOf(r.head)}, "room %d ends at %d, and the log has %d records of it", id, r.head, records)
		}
		for seq := uint64(1); seq <= r.head; seq++ {
			j.inLog(r, l.record(id, seq), r.claims[seq])
		}
		j.keptInLog(r)
	}
}

func (j *Judge) inLog(r *room, rec *record, c *claim) {
	if rec == nil || c == nil || c.Kind == KindVoid || c.Kind == KindHidden {
		return
	}
	if c.ID != rec.ID || c.CID != rec.CID || c.User != rec.User || c.Kind != rec.Kind || c.Target != rec.Target || j.differs(r, c, rec.Hash) {
		j.violate("I16", []Ref{rec.ref, c.ref}, "number %d of room %d is %s in the log and %s to clients", c.Seq, r.id, describe(&rec.Event), describe(&c.Event))
	}
}

// keptInLog: what was acknowledged is in the log, at that number.
func (j *Judge) keptInLog(r *room) {
	for _, m := range r.order {
		for i := range m.answers {
			a := &m.answers[i]
			if rec := j.log.record(r.id, a.Seq); rec == nil || rec.ID != a.ID {
				j.violate("I1", []Ref{a.ref}, "number %d of room %d was acknowledged and is not in the log", a.Seq, r.id)
			}
		}
	}
}
