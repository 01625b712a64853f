package chat

import (
	"encoding/base64"
	"fmt"
)

// Window holds the entries of a room's last [WindowRecords] records, voids
// included, in seq order. The zero value is the window of a room without
// records. It takes 96 bytes for an entry and grows with the room, so a room
// of few records costs little; it never shrinks.
type Window struct {
	// slots is a ring: the entry of seq lies at seq modulo its length, which
	// is zero or a power of two, at most WindowRecords.
	slots []slot
	last  Seq // seq of the newest entry
	count int // entries held
}

// slot is a packed [WindowEntry]. A cid that is a UUID and a mac made by
// [Sign], which is to say nearly all, are kept as their 16 bytes, so that a
// full window is one allocation without pointers into it.
type slot struct {
	user    UserID
	target  Seq
	at      int64
	odd     *oddSlot // what does not fit the packed form, else nil
	chain   Chain
	cid     [16]byte
	mac     [16]byte
	kind    uint8
	outcome uint8
	hasCID  bool // false: the entry is found by no (user, cid)
}

type oddSlot struct {
	cid, mac string
	kind     Kind
	outcome  Outcome
}

// kindNumbers and outcomeNumbers are the order in memory only; nothing that is
// written depends on them.
var (
	outcomes       = []Outcome{Effective, VoidCopy, VoidCIDConflict, VoidStale, VoidForbidden, VoidGone, VoidAlready, VoidUndecodable}
	kindNumbers    = numbered(append([]Kind{KindVoid}, Kinds...))
	kindOf         = append([]Kind{KindVoid}, Kinds...)
	outcomeNumbers = numbered(outcomes)
)

func numbered[T comparable](values []T) map[T]uint8 {
	numbers := make(map[T]uint8, len(values))
	for i, value := range values {
		numbers[value] = uint8(i)
	}
	return numbers
}

func pack(e *WindowEntry) slot {
	s := slot{
		user:   e.User,
		target: e.Target,
		at:     e.At,
		chain:  e.Chain,
		hasCID: e.CID != "",
	}
	cid, cidFits := packCID(e.CID)
	mac, macFits := packMAC(e.MAC)
	kind, kindFits := kindNumbers[e.Kind]
	outcome, outcomeFits := outcomeNumbers[e.Outcome]
	if cidFits && macFits && kindFits && outcomeFits {
		s.cid, s.mac, s.kind, s.outcome = cid, mac, kind, outcome
		return s
	}
	s.odd = &oddSlot{cid: e.CID, mac: e.MAC, kind: e.Kind, outcome: e.Outcome}
	return s
}

func (s *slot) entry(seq Seq) WindowEntry {
	e := WindowEntry{
		Seq:    seq,
		User:   s.user,
		Target: s.target,
		Chain:  s.chain,
		At:     s.at,
	}
	if s.odd != nil {
		e.CID, e.MAC, e.Kind, e.Outcome = s.odd.cid, s.odd.mac, s.odd.kind, s.odd.outcome
		return e
	}
	if s.hasCID {
		e.CID = formatUUID(s.cid)
	}
	e.MAC = formatMAC(s.mac)
	e.Kind, e.Outcome = kindOf[s.kind], outcomes[s.outcome]
	return e
}

// packCID gives the bytes of a lower-case UUID. The empty cid fits too: a slot
// says separately whether it has one.
func packCID(cid string) (packed [16]byte, fits bool) {
	if cid == "" {
		return packed, true
	}
	return parseUUID(cid)
}

// packMAC gives the bytes of a mac of 16 bytes. All zero stands for none, so
// that mac itself does not fit.
func packMAC(mac string) (packed [16]byte, fits bool) {
	if mac == "" {
		return packed, true
	}
	if len(mac) != 22 {
		return packed, false
	}
	n, err := base64.RawURLEncoding.Strict().Decode(packed[:], []byte(mac))
	return packed, err == nil && n == 16 && packed != [16]byte{}
}

func formatMAC(packed [16]byte) string {
	if packed == [16]byte{} {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(packed[:])
}

func (w *Window) slot(seq Seq) *slot { return &w.slots[uint64(seq)&uint64(len(w.slots)-1)] }

// First is the lowest seq in the window, 0 when it is empty.
func (w *Window) First() Seq {
	if w.count == 0 {
		return 0
	}
	return w.last - Seq(w.count) + 1
}

// Len is the number of entries.
func (w *Window) Len() int { return w.count }

// Add puts the next entry into the window; the oldest leaves when there are
// more than [WindowRecords]. Entries come in seq order without a hole; the
// first may have any seq. Anything else is an error, and means that what they
// were read from is damaged.
func (w *Window) Add(e WindowEntry) error {
	if e.Seq == 0 || w.count > 0 && e.Seq != w.last+1 {
		return fmt.Errorf("window entry %d does not follow %d", e.Seq, w.last)
	}
	w.push(&e)
	return nil
}

func (w *Window) push(e *WindowEntry) {
	if w.count == len(w.slots) && w.count < WindowRecords {
		w.grow()
	}
	w.last = e.Seq
	if w.count < len(w.slots) {
		w.count++
	}
	*w.slot(e.Seq) = pack(e)
}

func (w *Window) grow() {
	grown := Window{slots: make([]slot, max(8, 2*len(w.slots))), last: w.last, count: w.count}
	for seq := w.First(); seq != 0 && seq <= w.last; seq++ {
		*grown.slot(seq) = *w.slot(seq)
	}
	*w = grown
}

// At is the entry with this seq.
func (w *Window) At(seq Seq) (WindowEntry, bool) {
	if w.count == 0 || seq < w.First() || seq > w.last {
		return WindowEntry{}, false
	}
	return w.slot(seq).entry(seq), true
}

// Find looks above the seq after for the entry with this (user, cid). Such
// entries are at most one. It takes time in proportion to the records above
// after: a few, as a record is judged shortly before it is applied.
func (w *Window) Find(user UserID, cid string, after Seq) (WindowEntry, bool) {
	if cid == "" || w.count == 0 {
		return WindowEntry{}, false
	}
	packed, fits := packCID(cid)
	for seq := w.last; seq > after && seq >= w.First(); seq-- {
		s := w.slot(seq)
		if !s.hasCID || s.user != user {
			continue
		}
		if fits && s.odd == nil && s.cid == packed || s.odd != nil && s.odd.cid == cid {
			return s.entry(seq), true
		}
	}
	return WindowEntry{}, false
}

// Deleted reports whether a record above the seq after deleted this message.
func (w *Window) Deleted(target, after Seq) bool {
	if w.count == 0 {
		return false
	}
	for seq := w.last; seq > after && seq >= w.First(); seq-- {
		s := w.slot(seq)
		if s.target != target {
			continue
		}
		if e := s.entry(seq); e.Kind == KindDelete && e.Outcome == Effective {
			return true
		}
	}
	return false
}

// Entries are all entries, oldest first.
func (w *Window) Entries() []WindowEntry {
	entries := make([]WindowEntry, 0, w.count)
	for seq := w.First(); seq != 0 && seq <= w.last; seq++ {
		entries = append(entries, w.slot(seq).entry(seq))
	}
	return entries
}

// Equal reports whether both hold the same entries.
func (w Window) Equal(other Window) bool {
	if w.count != other.count || w.count > 0 && w.last != other.last {
		return false
	}
	for seq := w.First(); seq != 0 && seq <= w.last; seq++ {
		if w.slot(seq).entry(seq) != other.slot(seq).entry(seq) {
			return false
		}
	}
	return true
}
