package check

import (
	"slices"
	"time"
)

// unnoticed is how long somebody who polled, and is gone without a word, may be
// shown as online: until the heartbeat is missed.
const unnoticed = 50 * time.Second

// attendance is whether a person is connected.
type attendance struct {
	here    map[*device]int64 // those that are, and since when; 0: they only begin to
	left    int64             // when the last one went
	silent  int64             // when the last one went that polled
	leaving Ref
}

func (f *file) attendanceOf(user int64) *attendance {
	a := f.people[user]
	if a == nil {
		a = &attendance{here: make(map[*device]int64)}
		f.people[user] = a
	}
	return a
}

// comes and goes note that a device is connected, or begins to be, and that it
// is not any more.
func (f *file) comes(d *device, since int64) { f.attendanceOf(d.user).here[d] = since }

func (f *file) goes(d *device, ref Ref) {
	a := f.attendanceOf(d.user)
	delete(a.here, d)
	a.left, a.leaving = f.now, ref
	if d.via == "polling" {
		a.silent = f.now
	}
}

// before is the line by which a person has been connected since before a moment.
func (a *attendance) before(at int64) (Ref, bool) {
	for d, since := range a.here {
		if since > 0 && since < at {
			return d.connects.ref, true
		}
	}
	return Ref{}, false
}

// upsets notes a fault after whose end who is online may be wrong for a while.
func (f *file) upsets(line *Line) {
	f.settled = max(f.settled, f.now+max(line.Within, 0))
}

func (j *Judge) look(f *file, ref Ref, line *Line) {
	j.open(f, ref, line, call{members: line.Members, within: line.Within, place: line.Place})
}

// online judges who is shown, where nothing was done to the server for long
// enough: who was connected all the time is, and who was not is not.
func (j *Judge) online(f *file, ref Ref, line *Line) {
	c, ok := j.answer(f, ref, line, Look)
	if !ok || line.Code != "" {
		return
	}
	counts := &j.verdict.Counts
	counts.Looks++
	if f.doomed || f.settled > c.begun {
		return
	}
	for _, user := range c.members {
		a := f.attendanceOf(user)
		shown := slices.Contains(line.Members, user)
		came, here := a.before(c.begun - c.within)
		switch {
		case here:
			counts.Shown++
			if !shown {
				j.violate("I15", []Ref{came, c.ref, ref}, "user %d is connected, and was not shown as online at %s", user, c.place)
			}
		case len(a.here) == 0 && a.left < c.begun-c.within && (a.silent == 0 || a.silent < c.begun-c.within-int64(unnoticed)):
			counts.Absent++
			if shown {
				j.violate("I15", []Ref{a.leaving, c.ref, ref}, "user %d is not connected, and was shown as online at %s", user, c.place)
			}
		}
	}
}
