// Package rooms creates and finds rooms. SQL decides what is unique, the log
// announces it: a creation first reserves its name as a row of state "new",
// then appends the event create under the cid that the row names, and is
// answered when the recorder has stored it, which makes the row live.
//
// Whatever happens in between, asking again is safe: the row is taken up again,
// and a second create of the same cid is void. A row whose event never came is
// rolled forward at the next start.
package rooms
