package chat

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
)

// Answers are what became of the cids of a room: of each (user, cid) the entry
// of its record, without kind and target. The zero value holds none. An entry
// whose cid is a UUID and whose mac was made by [Sign], which is to say nearly
// every one, takes 64 bytes and up to 11 for finding it, all of them in two
// allocations without pointers.
type Answers struct {
	packed []packedAnswer
	// index finds packed answers: open addressing, in each slot 0 or one more
	// than the place in packed. Its length is 0 or a power of two.
	index []uint32
	odd   map[oddKey]WindowEntry // what does not fit the packed form
}

type packedAnswer struct {
	user    UserID
	seq     Seq
	at      int64
	cid     [16]byte
	mac     [16]byte
	check   [checkBytes]byte // of the chain what a cursor shows
	outcome uint8
}

type oddKey struct {
	user UserID
	cid  string
}

var answersSeed = maphash.MakeSeed()

// Len is the number of answers.
func (a *Answers) Len() int { return len(a.packed) + len(a.odd) }

// Add keeps what became of an entry's cid, of which nothing is known yet: a cid
// is used once.
func (a *Answers) Add(e *WindowEntry) {
	packed, fits := packAnswer(e)
	if !fits {
		if a.odd == nil {
			a.odd = make(map[oddKey]WindowEntry)
		}
		a.odd[oddKey{e.User, e.CID}] = WindowEntry{Seq: e.Seq, User: e.User, CID: e.CID, MAC: e.MAC, Outcome: e.Outcome, Chain: e.Chain, At: e.At}
		return
	}
	a.packed = append(a.packed, packed)
	if 4*len(a.packed) > 3*len(a.index) {
		a.reindex()
		return
	}
	a.enter(len(a.packed) - 1)
}

// Find is what became of a cid of this person.
func (a *Answers) Find(user UserID, cid string) (WindowEntry, bool) {
	if packed, fits := packCID(cid); fits && cid != "" {
		if place, found := a.find(user, &packed); found {
			return a.packed[place].entry(), true
		}
	}
	e, found := a.odd[oddKey{user, cid}]
	return e, found
}

// Forget drops the answers up to the seq stored whose cids were made before a
// time, in ms UTC. What says no time counts as made before any.
func (a *Answers) Forget(stored Seq, before int64) {
	kept := 0
	for i := range a.packed {
		if p := &a.packed[i]; p.seq > stored || p.madeAt() >= before {
			a.packed[kept] = *p
			kept++
		}
	}
	if kept < len(a.packed) {
		a.packed = a.packed[:kept]
		if cap(a.packed) > 2*kept {
			a.packed = slices.Clone(a.packed)
		}
		a.reindex()
	}
	for key, e := range a.odd {
		if madeAt, _ := CIDTime(key.cid); e.Seq <= stored && madeAt < before {
			delete(a.odd, key)
		}
	}
}

// MadeAfter counts the answers to cids of this person that were made after a
// time, in ms UTC.
func (a *Answers) MadeAfter(user UserID, time int64) (n int) {
	for i := range a.packed {
		if p := &a.packed[i]; p.user == user && p.madeAt() > time {
			n++
		}
	}
	for key := range a.odd {
		if madeAt, isV7 := CIDTime(key.cid); isV7 && key.user == user && madeAt > time {
			n++
		}
	}
	return n
}

// find is the place of a packed answer.
func (a *Answers) find(user UserID, cid *[16]byte) (place int, found bool) {
	if len(a.index) == 0 {
		return 0, false
	}
	for slot := a.slot(user, cid); a.index[slot] != 0; slot = (slot + 1) & (len(a.index) - 1) {
		place = int(a.index[slot]) - 1
		if p := &a.packed[place]; p.user == user && p.cid == *cid {
			return place, true
		}
	}
	return 0, false
}

// slot is where to look first. Clients choose cids, so nobody outside may know.
func (a *Answers) slot(user UserID, cid *[16]byte) int {
	var key [24]byte
	binary.LittleEndian.PutUint64(key[:], uint64(user))
	copy(key[8:], cid[:])
	return int(maphash.Bytes(answersSeed, key[:]) & uint64(len(a.index)-1))
}

// enter puts a place into the index, which has room.
func (a *Answers) enter(place int) {
	p := &a.packed[place]
	slot := a.slot(p.user, &p.cid)
	for a.index[slot] != 0 {
		slot = (slot + 1) & (len(a.index) - 1)
	}
	a.index[slot] = uint32(place) + 1
}

// reindex makes the index anew, for as many answers as there are and some more.
func (a *Answers) reindex() {
	size := 8
	for 4*len(a.packed) > 3*size {
		size *= 2
	}
	if size != len(a.index) {
		a.index = make([]uint32, size)
	} else {
		clear(a.index)
	}
	for place := range a.packed {
		a.enter(place)
	}
}

func packAnswer(e *WindowEntry) (p packedAnswer, fits bool) {
	cid, cidFits := packCID(e.CID)
	mac, macFits := packMAC(e.MAC)
	outcome, outcomeFits := outcomeNumbers[e.Outcome]
	p = packedAnswer{user: e.User, seq: e.Seq, at: e.At, cid: cid, mac: mac, check: [checkBytes]byte(e.Chain[:checkBytes]), outcome: outcome}
	return p, cidFits && e.CID != "" && macFits && outcomeFits
}

func (p *packedAnswer) entry() WindowEntry {
	e := WindowEntry{Seq: p.seq, User: p.user, CID: formatUUID(p.cid), MAC: formatMAC(p.mac), Outcome: outcomes[p.outcome], At: p.at}
	copy(e.Chain[:], p.check[:])
	return e
}

// madeAt is when the cid says that it was made, 0 if it does not.
func (p *packedAnswer) madeAt() int64 {
	ms, _ := uuidTime(&p.cid)
	return ms
}
