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
	seq    chat.Seq
	madeAt int64 // ms UTC of a UUIDv7, 0 of any other cid
}

// table is a room's table of copies, and of deletions. It holds the answer of every event above
// the stored head, and of every event whose cid is a UUIDv7 made at from or
// later; for such cids it is complete, whatever the clocks do, because from
// only moves forward. It is guarded by the partition's mutex.
type table struct {
	entries map[cidKey]answered
	from    int64 // ms UTC

	// deleted are the messages whose deletion stands above forgotten, and where.
	deleted map[chat.Seq]chat.Seq

	// forgotten is the highest seq that an entry may have been dropped at:
	// up to it only the store knows the cids that the table does not cover, and
	// which messages are deleted.
	forgotten chat.Seq
}

// newTable makes a table that covers the cids made at from or later, of a room
// whose events up to stored are in the store.
func newTable(from int64, stored chat.Seq, answers int) table {
	return table{
		entries: make(map[cidKey]answered, answers), deleted: make(map[chat.Seq]chat.Seq),
		from: from, forgotten: stored,
	}
}

// covers reports whether the table knows every event with this cid, so that
// the store need not be asked.
func (t *table) covers(cid string) bool {
	madeAt, isV7 := chat.CIDTime(cid)
	return isV7 && madeAt >= t.from
}

func (t *table) add(user chat.UserID, cid string, a answered) {
	if madeAt, isV7 := chat.CIDTime(cid); isV7 {
		a.madeAt = madeAt
	}
	t.entries[cidKey{user, cid}] = a
}

// tooManyAhead reports whether this person's table entries from the future
// have reached their bound.
func (t *table) tooManyAhead(user chat.UserID, cid string, now time.Time) bool {
	limit := now.Add(futureSlack).UnixMilli()
	if madeAt, isV7 := chat.CIDTime(cid); !isV7 || madeAt <= limit {
		return false
	}
	n := 0
	for key, a := range t.entries {
		if key.user == user && a.madeAt > limit {
			n++
		}
	}
	return n >= futureCIDs
}

// prune moves from forward and forgets what the store answers from now on.
func (t *table) prune(from int64, stored chat.Seq) {
	t.from = max(t.from, from)
	t.forgotten = max(t.forgotten, stored)
	for key, a := range t.entries {
		if a.seq <= stored && a.madeAt < t.from {
			delete(t.entries, key)
		}
	}
	for message, deletion := range t.deleted {
		if deletion <= stored {
			delete(t.deleted, message)
		}
	}
}
