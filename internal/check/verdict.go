package check

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Ref is a line of a history.
type Ref struct {
	File string
	Line int
}

func (r Ref) String() string { return fmt.Sprintf("%s:%d", r.File, r.Line) }

// Violation is one promise broken.
type Violation struct {
	Invariant string // I1 … I20, or H
	Text      string // what is wrong, with values
	Lines     []Ref  // that show it
}

func (v Violation) String() string {
	lines := make([]string, 0, len(v.Lines))
	for _, ref := range v.Lines {
		lines = append(lines, ref.String())
	}
	return fmt.Sprintf("%-3s %s (%s)", v.Invariant, v.Text, strings.Join(lines, ", "))
}

// Verdict is what a judge says in the end.
type Verdict struct {
	Violations []Violation // the first of each invariant, at most 20
	Broken     map[string]int
	Counts     Counts
}

// OK reports whether nothing was broken.
func (v *Verdict) OK() bool { return len(v.Broken) == 0 }

// Counts is what the histories hold. A run proves only what it has met.
type Counts struct {
	Lines      int
	Rooms      int
	Devices    int
	Final      int // events in the final order
	FinalVoids int // of those, void
	Events     int // given to devices, live
	Resumed    int // given to devices, before the answer of joinRoom
	Pages      int
	Refusals   map[string]int // refused attempts, by code
	Closes     map[string]int // by code; "" is cut without a word
	Faults     map[string]int

	Attempts         int // sends, retries counted each
	SendsOK          int // attempts answered ok
	SendsFailed      int // attempts answered failed
	SendsUnknown     int // attempts of unknown outcome
	Duplicates       int // ok answers with duplicate
	RetriesDuplicate int // of those, to attempts with retry
	UnknownVisible   int // messages of which an attempt was unknown, in the final order
	UnknownLost      int // messages of which an attempt was unknown, not in it

	Resumes       int // joins with a cursor that were answered
	ResumesMissed int // of those, with events in between
	Gaps          int
	Resets        int
	Changes       int // edits and deletions, in the final order
	ChangedForms  int // forms of messages after a change that somebody was shown
	Hidden        int // hidden events that devices were given
	Governed      int // rooms of which it is known who could read them, and when
	Snapshots     int
	StoredBehind  int // snapshots whose store was behind the log

	Searches  int // places that were looked through for words that belong elsewhere
	WordsSeen int // such words that somebody was given who may know them
	Revoked   int // sessions that were ended
	Looks     int // answers to the question who is online
	Shown     int // in them, people who had to be shown
	Absent    int // in them, people who must not be
	Measured  int // measurements of what something uses
}

// WriteTo prints the verdict for people.
func (v *Verdict) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	c := &v.Counts
	fmt.Fprintf(&b, "history   %d lines, %d rooms, %d devices, %d events in the end (%d void)\n", c.Lines, c.Rooms, c.Devices, c.Final, c.FinalVoids)
	fmt.Fprintf(&b, "sends     %d attempts: %d ok, %d failed%s, %d unknown\n", c.Attempts, c.SendsOK, c.SendsFailed, inBrackets(c.Refusals), c.SendsUnknown)
	fmt.Fprintf(&b, "copies    %d answered duplicate, %d of them to a retry; of messages once unknown %d are there, %d never were\n", c.Duplicates, c.RetriesDuplicate, c.UnknownVisible, c.UnknownLost)
	fmt.Fprintf(&b, "received  %d live, %d on resume; %d resumes, %d had missed something; %d gaps, %d resets\n", c.Events, c.Resumed, c.Resumes, c.ResumesMissed, c.Gaps, c.Resets)
	fmt.Fprintf(&b, "pages     %d\n", c.Pages)
	fmt.Fprintf(&b, "changes   %d edits and deletions, %d changed forms seen, %d events hidden; rights known in %d rooms\n", c.Changes, c.ChangedForms, c.Hidden, c.Governed)
	fmt.Fprintf(&b, "closes   %s\n", inBrackets(c.Closes))
	fmt.Fprintf(&b, "faults   %s\n", inBrackets(c.Faults))
	fmt.Fprintf(&b, "store     %d snapshots, %d of them behind the log\n", c.Snapshots, c.StoredBehind)
	fmt.Fprintf(&b, "secrets   %d searches, %d words seen by people who may\n", c.Searches, c.WordsSeen)
	fmt.Fprintf(&b, "sessions  %d ended; %d sockets were told\n", c.Revoked, c.Closes["revoked"])
	fmt.Fprintf(&b, "presence  %d looks: %d times somebody had to be shown, %d times not\n", c.Looks, c.Shown, c.Absent)
	fmt.Fprintf(&b, "bounds    %d measurements\n", c.Measured)
	if v.OK() {
		b.WriteString("verdict   no promise was broken\n")
	} else {
		fmt.Fprintf(&b, "verdict   BROKEN%s\n", inBrackets(v.Broken))
		for _, violation := range v.Violations {
			fmt.Fprintf(&b, "  %s\n", violation)
		}
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// inBrackets is " (3 cut, 2 slow)", in the order of the names.
func inBrackets(counts map[string]int) string {
	var parts []string
	for name, n := range counts {
		parts = append(parts, fmt.Sprintf("%s %d", cmp.Or(name, "cut"), n))
	}
	if len(parts) == 0 {
		return ""
	}
	slices.Sort(parts)
	return " (" + strings.Join(parts, ", ") + ")"
}

// shown is how many violations of one invariant are kept.
const shown = 20

func (j *Judge) violate(invariant string, lines []Ref, format string, args ...any) {
	j.verdict.Broken[invariant]++
	if j.verdict.Broken[invariant] <= shown {
		lines = slices.DeleteFunc(lines, func(r Ref) bool { return r.Line == 0 }) // nothing was said yet
		j.verdict.Violations = append(j.verdict.Violations, Violation{
			Invariant: invariant, Text: fmt.Sprintf(format, args...), Lines: lines,
		})
	}
}

// invariants is the order in which violations are shown.
var invariants = []string{"H", "I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10", "I11", "I12", "I13", "I14", "I15", "I16", "I18", "I19", "I20"}

func byInvariant(a, b Violation) int {
	return cmp.Compare(slices.Index(invariants, a.Invariant), slices.Index(invariants, b.Invariant))
}
