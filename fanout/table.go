package fanout

import (
	"time"

	"github.com/parleychat/parley/chat"
)

// futureCIDs is how many cids with a time more than futureSlack ahead of the
// clock one person may leave in a room's table. Such entries stay until their
// time has passed, so without a bound they could be piled up.
const (
	futureCIDs  = 1000
	futureSlack = 5 * time.Minute
)

// cidKey names a durable client event within its room.
type cidKey struct {
	user chat.UserID
	cid  string
}

// answered is what became of a cid.
type answered struct {
	mac    string
	answer chat.Answer
}

// table is a room's table of copies, and of deletions. It holds the answer of every event above
// the stored head, and of every event whose cid is a UUIDv7 made at from or
// later; for such cids it is complete, whatever the clocks do, because from
// only moves forward. It is guarded by the partition's mutex.
type table struct {
	room    chat.RoomID
	answers chat.Answers
	from    int64 // ms UTC

	// deleted are the messages whose deletion stands above forgotten, and where.
	deleted map[chat.Seq]chat.Seq

	// forgotten is the highest seq that an entry may have been dropped at:
	// up to it only the store knows the cids that the table does not cover, and
	// which messages are deleted.
	forgotten chat.Seq
}

// newTable makes a table that covers the cids made at from or later, whose
// answers are given, of a room whose events up to stored are in the store.
func newTable(room chat.RoomID, from int64, stored chat.Seq, answers chat.Answers) table {
	return table{room: room, answers: answers, from: from, deleted: make(map[chat.Seq]chat.Seq), forgotten: stored}
}

// covers reports whether the table knows every event with this cid, so that
// the store need not be asked.
func (t *table) covers(cid string) bool {
	madeAt, isV7 := chat.CIDTime(cid)
	return isV7 && madeAt >= t.from
}

func (t *table) add(ev *chat.Event) {
	entry := chat.EntryOf(ev)
	t.answers.Add(&entry)
}

// find is what became of a cid, if the table knows.
func (t *table) find(user chat.UserID, cid string) (answered, bool) {
	entry, found := t.answers.Find(user, cid)
	if !found {
		return answered{}, false
	}
	return answered{mac: entry.MAC, answer: entry.Answer(t.room)}, true
}

// tooManyAhead reports whether this person's table entries from the future
// have reached their bound.
func (t *table) tooManyAhead(user chat.UserID, cid string, now time.Time) bool {
	limit := now.Add(futureSlack).UnixMilli()
	if madeAt, isV7 := chat.CIDTime(cid); !isV7 || madeAt <= limit {
		return false
	}
	return t.answers.MadeAfter(user, limit) >= futureCIDs
}

// prune moves from forward and forgets what the store answers from now on.
func (t *table) prune(from int64, stored chat.Seq) {
	t.from = max(t.from, from)
	t.forgotten = max(t.forgotten, stored)
	t.answers.Forget(stored, t.from)
	for message, deletion := range t.deleted {
		if deletion <= stored {
			delete(t.deleted, message)
		}
	}
}
