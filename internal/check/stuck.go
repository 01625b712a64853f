package check

import (
	"maps"
	"slices"
)

// endsStuck: nobody is served any more, which is a broken promise whatever the
// reason. A server may refuse to go on over data that are not whole, and does
// well to; it is by another fault of its own that they are not.
func (j *Judge) endsStuck(_ *file, ref Ref, line *Line) {
	j.stuck = true
	j.violate("I18", []Ref{ref}, "the server serves nobody any more: %s", line.Fault)
}

// judgeLeft compares what people were told of a room with the log that a stuck
// server has left.
func (j *Judge) judgeLeft(r *room) {
	for _, seq := range slices.Sorted(maps.Keys(r.claims)) {
		c, rec := r.claims[seq], j.log.record(r.id, seq)
		if rec == nil {
			j.violate("I5", []Ref{c.ref}, "%s got number %d of room %d (%s), which is not in the log", c.device, seq, r.id, describe(&c.Event))
		}
		j.inLog(r, rec, c)
	}
	j.keptInLog(r)
}
