package check

import (
	"maps"
	"slices"
	"time"
)

// freshness is how old a server's news of ended sessions may be.
const freshness = 5 * time.Second

// revoke asks for the end of a session.
func (j *Judge) revoke(f *file, ref Ref, line *Line) {
	j.open(f, ref, line, call{session: line.Session})
}

// revoked is the answer: what the session is used for behind it is wrong as
// soon as no server may believe any more that it goes on.
func (j *Judge) revoked(f *file, ref Ref, line *Line) {
	c, ok := j.answer(f, ref, line, Revoke)
	if !ok || line.Code != "" {
		return
	}
	j.verdict.Counts.Revoked++
	if _, before := f.revoked[c.session]; !before {
		f.revoked[c.session] = moment{f.now, ref}
	}
}

// over reports whether a session had ended at a moment for so long that every
// server knew it, and the line that says so.
func (f *file) over(session string, at int64) (Ref, bool) {
	end, ended := f.revoked[session]
	return end.ref, ended && session != "" && at > end.at+int64(freshness)
}

// usedAt judges what came of something that a device asked at a moment.
func (j *Judge) usedAt(f *file, d *device, at int64, ref Ref, what string) {
	if end, over := f.over(d.session, at); over {
		j.violate("I14", []Ref{end, ref}, "%s %s %v after its session had ended", d.name, what, time.Duration(at-f.revoked[d.session].at).Round(time.Millisecond))
	}
}

// heard judges a message that a device was given: what was sent only when every
// server knew of the end cannot have been on its way.
func (j *Judge) heard(f *file, d *device, r *room, event *Event, ref Ref) {
	if len(f.revoked) == 0 || !isSaying(event.Kind) {
		return
	}
	if m := r.sends[sender{event.User, event.CID}]; m != nil && m.file == f {
		j.usedAt(f, d, m.first.at, ref, "was given what was sent")
	}
}

// judgeSockets: a socket does not outlive its session.
func (j *Judge) judgeSockets() {
	for _, name := range slices.Sorted(maps.Keys(j.devices)) {
		if d := j.devices[name]; d.connected && d.file != nil {
			j.usedAt(d.file, d, d.file.now, d.connects.ref, "was still connected")
		}
	}
}
