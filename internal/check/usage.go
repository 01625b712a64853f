package check

// used judges what something uses, when nothing is done to anybody.
func (j *Judge) used(_ *file, ref Ref, line *Line) {
	j.verdict.Counts.Measured++
	if line.Used > line.Allowed {
		j.violate("I19", []Ref{ref}, "%s: %d are used, and %d allowed", line.Place, line.Used, line.Allowed)
	}
}
