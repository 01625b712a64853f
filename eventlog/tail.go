package eventlog

import (
	"slices"
	"sync"
)

// entryOverhead is about what an entry costs in memory besides the bytes of its
// record.
const entryOverhead = 160

// Bounds of what a follower is given at once.
const (
	followEntries = 1000
	followBytes   = 1 << 20
)

// tail is the end of the log in memory: the latest committed batches up to a
// number of bytes, and the bounds of the log. The writer moves it, followers
// read it.
//
// A follower that is not below the tail's first batch never touches the file.
// Everything below end is committed, so whatever the tail has dropped is found
// in the file: there is no moment at which a record is in neither.
type tail struct {
	limit int // bytes

	mu      sync.RWMutex
	batches []batch // consecutive, the last one ends at end
	bytes   int
	begin   int64 // first offset that is kept
	end     int64 // next offset
	// moved is closed and replaced when end moves, closed for good when the
	// tail is stopped.
	moved   chan struct{}
	stopped error // why followers have to go, nil while the log runs
}

// batch is what one transaction committed. Its entries never change.
type batch struct {
	entries []Entry
	bytes   int
}

func (b *batch) first() int64 { return b.entries[0].Offset }

func newTail(begin, end int64, limit int) *tail {
	return &tail{limit: limit, begin: begin, end: end, moved: make(chan struct{})}
}

// publish adds entries that are committed. They begin at end. After stop it does
// nothing.
func (t *tail) publish(entries []Entry) {
	bytes := 0
	for i := range entries {
		bytes += entries[i].Size() + entryOverhead
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped != nil {
		return
	}
	t.batches = append(t.batches, batch{entries, bytes})
	t.bytes += bytes
	drop := 0
	for t.bytes > t.limit && drop < len(t.batches)-1 {
		t.bytes -= t.batches[drop].bytes
		t.batches[drop] = batch{}
		drop++
	}
	t.batches = t.batches[drop:]
	t.end += int64(len(entries))
	close(t.moved)
	t.moved = make(chan struct{})
}

// skip goes on at the offset end, which is above the present one: what lies
// between is not kept anywhere. After stop it does nothing.
func (t *tail) skip(end int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped != nil {
		return
	}
	t.batches, t.bytes = nil, 0
	t.end = end
	close(t.moved)
	t.moved = make(chan struct{})
}

// trimmed moves the first kept offset. Entries in memory stay: a follower that
// is among them has missed nothing.
func (t *tail) trimmed(begin int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begin = begin
}

// stop lets followers have what is in memory and then ends them with reason.
// Only the first reason counts.
func (t *tail) stop(reason error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped == nil {
		t.stopped = reason
		close(t.moved)
	}
}

// bounds returns the first kept and the next offset.
func (t *tail) bounds() (begin, end int64, err error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.begin, t.end, t.stopped
}

// glance is what the tail knows of an offset. Either entries has some, or moved
// says when to look again, or both are nil and the records are in the file,
// all those below end.
type glance struct {
	entries []Entry
	moved   <-chan struct{}
	end     int64
}

// read looks at the offset from. What is above end has not come yet.
func (t *tail) read(from int64) (glance, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if from < t.end && len(t.batches) > 0 && from >= t.batches[0].first() {
		return glance{entries: t.part(from)}, nil
	}
	if t.stopped != nil {
		return glance{}, t.stopped
	}
	if from >= t.end {
		return glance{moved: t.moved}, nil
	}
	return glance{end: t.end}, nil
}

// part returns entries beginning at from, of one batch and within the bounds
// for followers. Called with mu.
func (t *tail) part(from int64) []Entry {
	at, found := slices.BinarySearchFunc(t.batches, from, func(b batch, offset int64) int {
		switch first := b.first(); {
		case first < offset:
			return -1
		case first > offset:
			return 1
		}
		return 0
	})
	if !found {
		at-- // the batch before the first one that begins above from
	}
	entries := t.batches[at].entries
	if t.batches[at].bytes <= followBytes && len(entries) <= followEntries {
		return entries[from-entries[0].Offset : len(entries) : len(entries)]
	}
	entries = entries[from-entries[0].Offset:]
	return entries[:followable(entries):followable(entries)]
}

// followable is how many of the entries, at least 1, a follower may be given at
// once.
func followable(entries []Entry) int {
	bytes := 0
	for i := range entries {
		bytes += entries[i].Size()
		if i > 0 && (i == followEntries || bytes > followBytes) {
			return i
		}
	}
	return len(entries)
}
