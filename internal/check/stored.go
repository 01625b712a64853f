package check

import (
	"cmp"
	"maps"
	"slices"
)

// messageOf names a message.
type messageOf struct {
	room int64
	seq  uint64
}

func byMessage(a, b messageOf) int {
	return cmp.Or(cmp.Compare(a.room, b.room), cmp.Compare(a.seq, b.seq))
}

// storedForms is what a snapshot says of the forms of messages.
type storedForms struct {
	changes map[messageOf]lastChange // by what the changes' own rows say
	revs    map[messageOf]uint64     // by what the messages' rows say
	former  map[messageOf]Ref        // messages of which former texts are there
}

// lastChange is the last change of a message that is stored.
type lastChange struct {
	seq      uint64
	deletion bool
	ref      Ref
}

// storedForm reports whether a row says what its record says, or the change that
// it names: a message has its present text, a change has none.
func (l *logDump) storedForm(rec *record, line *Line) bool {
	switch {
	case line.Void != "":
		return true
	case line.Kind != KindMessage:
		return line.Hash == "" && !line.Deleted
	case line.Rev == 0:
		return line.Hash == rec.Hash && !line.Deleted
	}
	change := l.record(line.Room, line.Rev)
	if change == nil || change.Target != line.Seq {
		return false
	}
	switch change.Kind {
	case KindDelete:
		return line.Deleted && line.Hash == ""
	case KindEdit:
		return !line.Deleted && line.Hash == change.Hash
	}
	return false
}

// take notes what a row says of the form of a message.
func (x *storedForms) take(rec *record, line *Line) {
	switch {
	case line.Void != "":
	case line.Kind == KindMessage && line.Rev > 0:
		x.revs[messageOf{line.Room, line.Seq}] = line.Rev
	case line.Kind == KindEdit || line.Kind == KindDelete:
		message := messageOf{line.Room, line.Target}
		if !x.changes[message].deletion {
			x.changes[message] = lastChange{line.Seq, line.Kind == KindDelete, rec.ref}
		}
	}
}

// formerText takes a former text of a message.
func (j *Judge) formerText(_ *file, ref Ref, line *Line) {
	s := &j.log.taken
	if line.Snapshot != s.number || s.rooms == nil {
		j.violate("H", []Ref{ref}, "a former text of snapshot %d in snapshot %d", line.Snapshot, s.number)
		return
	}
	s.forms.former[messageOf{line.Room, line.Seq}] = ref
}

// judgeStoredForms: every message is stored in the form that its last stored
// change gave it, and nothing is left of what a deleted one said.
func (j *Judge) judgeStoredForms(s *snapshot) {
	x := &s.forms
	for _, m := range slices.SortedFunc(maps.Keys(x.changes), byMessage) {
		change := x.changes[m]
		if rev := x.revs[m]; rev != change.seq {
			j.violate("I16", []Ref{s.ref, change.ref}, "snapshot %d has number %d of room %d in its revision %d, and its change %d", s.number, m.seq, m.room, rev, change.seq)
		}
		if former, found := x.former[m]; found && change.deletion {
			j.violate("I16", []Ref{change.ref, former}, "snapshot %d has a former text of number %d of room %d, which was deleted by %d", s.number, m.seq, m.room, change.seq)
		}
	}
	for _, m := range slices.SortedFunc(maps.Keys(x.revs), byMessage) {
		if _, found := x.changes[m]; !found {
			j.violate("I16", []Ref{s.ref}, "snapshot %d has number %d of room %d in its revision %d, and no change of it", s.number, m.seq, m.room, x.revs[m])
		}
	}
}
