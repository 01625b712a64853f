package check

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// What a change of one member of one line does to a history.
const (
	caught   = "caught"   // it is a lie that the judge must find
	harmless = "harmless" // nothing that is promised depends on it
	depends  = "depends"  // on what else happened
)

// members says it of every member of every kind of line that a sound history
// has. A member that is not here makes the test fail: somebody has to think.
var members = map[What]map[string]string{
	Connect:   {"Device": caught, "User": depends, "Via": harmless, "Session": depends},
	Connected: {"Device": caught},
	// The last connection of a device may end unnoticed.
	Close: {"Device": depends, "Code": harmless},
	End:   {"Device": depends},
	// The number of Since is compared when the device had one; its chain is the
	// server's to compare.
	Join:   {"Device": depends, "Room": caught, "Call": caught, "Since": depends, "Latest": harmless},
	Joined: {"Device": harmless, "Room": depends, "Call": caught, "Seq": caught, "Cursor": caught, "More": caught, "Code": harmless, "Reset": depends},
	Leave:  {"Device": depends, "Room": caught, "Call": caught},
	Left:   {"Device": harmless, "Room": caught, "Call": caught},
	Got: {"Device": caught, "Room": caught, "Phase": caught, "Seq": caught, "ID": caught, "CID": caught, "User": caught, "Kind": caught,
		"Cursor": caught, "Target": caught, "Whom": caught, "Hash": caught, "Rev": caught, "Deleted": caught, "RoomKind": caught},
	Gap: {"Device": caught, "Room": caught, "From": caught, "To": caught},
	// An attempt that came to nothing could have been anybody's, of anything.
	Send: {"Device": depends, "Room": depends, "Call": caught, "User": depends, "CID": depends, "Hash": depends, "Kind": depends,
		"Target": depends, "Retry": harmless, "Word": depends},
	// The answer belongs to its call, whatever else it says of itself. Of
	// refusals only final codes say more than that this attempt had no effect.
	Answered: {"Device": harmless, "Room": harmless, "Call": caught, "Outcome": caught, "Seq": caught, "ID": caught, "Cursor": caught,
		"At": depends, "Duplicate": depends, "Code": depends},
	Ask:   {"Device": depends, "Room": depends, "Call": caught},
	Paged: {"Device": harmless, "Room": harmless, "Call": caught},
	Fault: {"Fault": harmless, "More": depends, "Within": harmless},
	Final: {"Device": caught, "Room": caught, "Seq": caught, "ID": caught, "CID": caught, "User": caught, "Kind": caught,
		"Cursor": caught, "Target": caught, "Whom": caught, "Hash": caught, "Rev": caught, "Deleted": caught, "RoomKind": caught},
	// The bodies of records are not compared as to whom they are about.
	Logged: {"Room": caught, "Partition": caught, "Offset": caught, "ID": caught, "CID": caught, "User": caught, "Kind": caught, "Target": caught,
		"Hash": caught, "Whom": harmless, "RoomKind": harmless},
	Snapshot: {"Snapshot": depends, "More": depends},
	UpTo:     {"Snapshot": caught, "Partition": caught, "Watermark": caught},
	Stored: {"Snapshot": caught, "Room": caught, "Seq": caught, "ID": caught, "CID": caught, "User": caught, "Kind": caught,
		"Target": caught, "Hash": caught, "Rev": caught, "Deleted": caught, "Void": depends, "Whom": harmless, "RoomKind": harmless},
	Former:   {"Snapshot": caught, "Room": harmless, "Seq": harmless},
	Revoke:   {"Session": depends, "Call": caught},
	Revoked:  {"Session": harmless, "Call": caught},
	Searched: {"Place": harmless, "User": caught, "Word": caught},
	// Within a longer time everything may be wrong.
	Look:   {"Place": harmless, "Room": harmless, "Call": caught, "Within": harmless},
	Online: {"Room": harmless, "Call": caught},
	Used:   {"Place": harmless, "Used": caught, "Allowed": harmless},
}

// lines says the same of leaving a line out, and of having it twice. The row of
// a message that was changed may be given again.
var lines = map[What]struct{ without, twice string }{
	Connect: {depends, depends}, Connected: {depends, caught}, Close: {depends, harmless}, End: {depends, harmless},
	Join: {caught, caught}, Joined: {depends, caught}, Leave: {caught, caught}, Left: {depends, caught},
	Got: {depends, caught}, Gap: {caught, caught}, Send: {caught, caught}, Answered: {depends, caught},
	Ask: {caught, caught}, Paged: {harmless, caught}, Fault: {depends, harmless},
	Final: {caught, caught}, Logged: {caught, caught}, Snapshot: {depends, depends}, UpTo: {caught, harmless}, Stored: {caught, depends}, Former: {harmless, harmless},
	Revoke: {caught, caught}, Revoked: {depends, caught}, Searched: {harmless, harmless}, Look: {caught, caught}, Online: {harmless, caught},
	Used: {harmless, harmless},
}

// TestOneLie: a sound history is clean, and a lie in one line of it is found,
// whichever it is, unless nothing depends on it.
func TestOneLie(t *testing.T) {
	found := make(map[string]int)
	rapid.Check(t, func(t *rapid.T) {
		sound := newWorld(rapid.Uint64().Draw(t, "seed")).history(rapid.IntRange(10, 120).Draw(t, "steps"))
		if v := verdictOf(sound); !v.OK() {
			t.Fatalf("a sound history: got %v", v.Violations)
		}
		i := rapid.IntRange(0, len(sound)-1).Draw(t, "line")
		line := sound[i]
		broken := slices.Clone(sound)
		var what, want string
		switch way := rapid.IntRange(0, 7).Draw(t, "way"); way {
		case 0:
			what, want = "without", lines[line.What].without
			broken = slices.Delete(broken, i, i+1)
		case 1:
			what, want = "twice", lines[line.What].twice
			broken = slices.Insert(broken, i, line)
		default:
			names := said(&line)
			if len(names) == 0 {
				return
			}
			what = rapid.SampledFrom(names).Draw(t, "member")
			want = members[line.What][what]
			lie(&broken[i], what)
		}
		noForm := line.Kind == KindEdit && what == "Deleted" // an edit may say nothing of its message
		if want == caught && (noForm || unseen(sound, i)) {
			want = depends
		}
		v := verdictOf(broken)
		found[fmt.Sprint(want, !v.OK())]++
		switch {
		case want == "":
			t.Fatalf("nobody has thought of %s of line %d, %+v", what, i+1, line)
		case want == caught && v.OK():
			t.Fatalf("%s of line %d, %+v: not found", what, i+1, line)
		case want == harmless && !v.OK():
			t.Fatalf("%s of line %d, %+v: got %v, want it harmless", what, i+1, line, v.Violations)
		}
	})
	t.Logf("of the lies: %v", found)
}

// unseen reports whether a line says something that nobody else in the history
// speaks of: a record that came to nothing, a room of one event.
func unseen(all []Line, i int) bool {
	line := &all[i]
	if line.What != Logged && line.What != Final {
		return false
	}
	seq, head := uint64(0), uint64(0)
	for k := range all {
		l := &all[k]
		if l.Room == line.Room && l.What == Logged && k <= i {
			seq++
		}
		if l.Room == line.Room && l.What == Final {
			head = max(head, l.Seq)
		}
	}
	return head == 1 || line.What == Logged && lastOf(all, line.Room, seq).Kind == KindVoid
}

func verdictOf(lines []Line) *Verdict {
	j := New()
	f := j.file("h")
	for i := range lines {
		j.add(f, i+1, &lines[i])
	}
	return j.Verdict()
}

// said are the members of a line that say something, besides its kind and
// time, and lists.
func said(line *Line) (names []string) {
	for _, v := range []reflect.Value{reflect.ValueOf(line).Elem(), reflect.ValueOf(&line.Event).Elem()} {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch f.Type.Kind() {
			case reflect.String, reflect.Int, reflect.Int64, reflect.Uint64, reflect.Bool:
				if !v.Field(i).IsZero() && f.Name != "T" && f.Name != "What" {
					names = append(names, f.Name)
				}
			}
		}
	}
	return names
}

// lie makes a member say something else, that nothing else in the history is.
func lie(line *Line, name string) {
	f := reflect.ValueOf(line).Elem().FieldByName(name)
	switch f.Kind() {
	case reflect.String:
		f.SetString(f.String() + "~")
	case reflect.Int, reflect.Int64:
		f.SetInt(f.Int() + 1<<40)
	case reflect.Uint64:
		f.SetUint(f.Uint() + 1<<20)
	case reflect.Bool:
		f.SetBool(!f.Bool())
	}
}
