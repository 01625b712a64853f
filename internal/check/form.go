package check

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
)

// form is what a message said between two of its changes.
type form struct {
	hash    string
	deleted bool
	ref     Ref // who was shown it first; none: nobody

	// asOf is the highest position at which anybody was still shown it: it has
	// to have been the present one there.
	asOf  uint64
	shown Ref
	// broken is the invariant that is broken if it was not.
	broken string
}

// formKey names a form that is not the original: message and revision.
type formKey struct {
	seq, rev uint64
}

// theEnd is the position of the final dumps.
const theEnd = math.MaxUint64

// showed notes the form of a message that an event tells, and the position of
// the room at which it was told.
func (j *Judge) showed(r *room, ref Ref, event *Event, asOf uint64, broken string) {
	seq := event.Seq
	switch {
	case event.Kind == KindEdit && event.Rev > 0:
		seq = event.Target
	case event.Kind != KindMessage:
		return
	}
	if event.Kind == KindEdit && event.Hash == "" && !event.Deleted {
		return // it tells none
	}
	x := r.form(seq, event.Rev)
	if x == nil {
		return // of a message that nobody saw: said when the room is judged
	}
	switch {
	case x.ref == Ref{}:
		x.hash, x.deleted, x.ref = event.Hash, event.Deleted, ref
	case x.hash != event.Hash || x.deleted != event.Deleted:
		j.violate("I4", []Ref{x.ref, ref}, "number %d of room %d in its revision %d has text %s and text %s", seq, r.id, event.Rev, cmp.Or(x.hash, "none"), cmp.Or(event.Hash, "none"))
	}
	if asOf >= x.asOf {
		x.asOf, x.shown, x.broken = asOf, ref, broken
	}
}

// form is the form of a message with a revision.
func (r *room) form(seq, rev uint64) *form {
	if rev == 0 {
		if c := r.claims[seq]; c != nil {
			return &c.original
		}
		return nil
	}
	key := formKey{seq, rev}
	if r.forms[key] == nil {
		if r.forms == nil {
			r.forms = make(map[formKey]*form)
		}
		r.forms[key] = &form{}
	}
	return r.forms[key]
}

// changes are the seqs of a message's changes, in order. A deletion is the last.
type changes map[uint64][]uint64

// changesOf finds the changes in the final order.
func (r *room) changesOf() changes {
	all := make(changes)
	for seq := uint64(1); seq <= r.head; seq++ {
		c := r.claims[seq]
		if c == nil || c.Target == 0 || c.Kind != KindEdit && c.Kind != KindDelete {
			continue
		}
		of := all[c.Target]
		if len(of) > 0 && r.claims[of[len(of)-1]].Kind == KindDelete {
			continue // deleted is final
		}
		all[c.Target] = append(of, seq)
	}
	return all
}

// judgeForms: what people were shown of a message is what was said by then, and
// nothing older.
func (j *Judge) judgeForms(r *room) {
	all := r.changesOf()
	for _, of := range all {
		j.verdict.Counts.Changes += len(of)
	}
	for _, seq := range slices.Sorted(maps.Keys(all)) {
		if c := r.claims[seq]; c != nil && c.original.ref != (Ref{}) {
			j.judgePresent(r, seq, 0, &c.original, all[seq][0])
		}
	}
	byPlace := func(a, b formKey) int { return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.rev, b.rev)) }
	for _, key := range slices.SortedFunc(maps.Keys(r.forms), byPlace) {
		x, of := r.forms[key], all[key.seq]
		j.verdict.Counts.ChangedForms++
		i := slices.Index(of, key.rev)
		if i < 0 {
			j.violate("I2", []Ref{x.ref}, "number %d of room %d was shown with revision %d, which is no change of it", key.seq, r.id, key.rev)
			continue
		}
		if i+1 < len(of) {
			j.judgePresent(r, key.seq, key.rev, x, of[i+1])
		}
		j.judgeChanged(r, key, x)
	}
}

// judgePresent: nobody was shown a form at or behind the position of the change
// that ended it.
func (j *Judge) judgePresent(r *room, seq, rev uint64, x *form, next uint64) {
	if x.asOf < next {
		return
	}
	change := r.claims[next]
	at := "in the end"
	if x.asOf != theEnd {
		at = fmt.Sprintf("as of %d", x.asOf)
	}
	j.violate(x.broken, []Ref{change.ref, x.shown}, "number %d of room %d was shown in its revision %d %s, after %s %d", seq, r.id, rev, at, change.Kind, next)
}

// judgeChanged: a form says what the change that made it says.
func (j *Judge) judgeChanged(r *room, key formKey, x *form) {
	change := r.claims[key.rev]
	if deletion := change.Kind == KindDelete; deletion != x.deleted {
		j.violate("I2", []Ref{change.ref, x.ref}, "number %d of room %d was shown with deleted %t after %s %d", key.seq, r.id, x.deleted, change.Kind, key.rev)
	}
}

// textOf is the text that an event brought, as anybody was shown it, or as the
// log has it. known is false when nobody was.
func (j *Judge) textOf(r *room, c *claim) (hash string, known bool) {
	x := &c.original
	switch c.Kind {
	case KindMessage:
	case KindEdit:
		if x = r.forms[formKey{c.Target, c.Seq}]; x == nil {
			x = &form{}
		}
	default:
		return "", true
	}
	if x.ref != (Ref{}) {
		return x.hash, true
	}
	if rec := j.log.record(r.id, c.Seq); rec != nil {
		return rec.Hash, true
	}
	return "", false
}
