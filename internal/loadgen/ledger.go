package loadgen

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// What a server answered to a send.
const (
	unanswered = iota
	accepted
	refused // has no effect, now or ever
	unknown // may have had its effect
)

// message is one send and what has become of it. The plain fields are written
// before added is set, and read by others only after they have seen it set.
type message struct {
	planned time.Duration // when it should leave, since the run's start
	sent    time.Duration // when it was written
	room    int
	sender  int
	measure bool // falls into the measured part of the run

	added  atomic.Bool
	left   atomic.Int32 // receipts, and one answer if the server acknowledges, still due
	seq    atomic.Int64 // as the first receiver saw it; 0 before
	answer atomic.Int32
}

const (
	ledgerChunk  = 1 << 12
	ledgerChunks = 1 << 12
)

// maxMessages is the most that one run can send.
const maxMessages = ledgerChunk * ledgerChunks

// ledger holds every message of a run under its number. One goroutine adds;
// any looks up.
type ledger struct {
	chunks [ledgerChunks]atomic.Pointer[[ledgerChunk]message]
	size   int64        // used by the goroutine that adds, and by others after the run
	open   atomic.Int64 // messages with something still due
}

// add makes the next message; due is the number of receipts and answers awaited.
func (l *ledger) add(planned, sent time.Duration, room, sender, due int, measure bool) (number int64) {
	number = l.size
	chunk := &l.chunks[number/ledgerChunk]
	if chunk.Load() == nil {
		chunk.Store(new([ledgerChunk]message))
	}
	m := &chunk.Load()[number%ledgerChunk]
	m.planned, m.sent, m.room, m.sender, m.measure = planned, sent, room, sender, measure
	m.left.Store(int32(due))
	l.open.Add(1)
	m.added.Store(true)
	l.size++
	return number
}

// get gives the message of that number, nil if it was never sent.
func (l *ledger) get(number int64) *message {
	if number < 0 || number >= maxMessages {
		return nil
	}
	chunk := l.chunks[number/ledgerChunk].Load()
	if chunk == nil {
		return nil
	}
	m := &chunk[number%ledgerChunk]
	if !m.added.Load() {
		return nil
	}
	return m
}

// settle takes n off what is still due of m and reports whether that was the last.
func (l *ledger) settle(m *message, n int) bool {
	if m.left.Add(int32(-n)) != 0 {
		return false
	}
	l.open.Add(-1)
	return true
}

// Rules that a run can break; see [Violation].
const (
	ruleOrder    = "contiguous"   // an event's seq is the one before plus one
	ruleOneSeq   = "one seq"      // a message has one seq, the same for every receiver
	ruleRoom     = "own room"     // a message reaches only the room it was sent to
	ruleComplete = "complete"     // every message that was not refused reaches every socket of its room
	ruleSender   = "sender order" // messages of one socket are numbered as they were sent
	ruleRefused  = "refused"      // what was answered as refused is never seen
	ruleAck      = "ack"          // an answer comes once, to the sender, behind the event itself, with its seq
	ruleStream   = "stream"       // no gap or reset is announced to a socket that keeps up
	ruleOpen     = "open"         // the connection stays open, without a problem
)

// Violation is a broken rule, with how often it was broken and the first case.
type Violation struct {
	Rule  string `json:"rule"`
	Count int    `json:"count"`
	First string `json:"first"`
}

// faults collects violations and refusals of all readers.
type faults struct {
	mu      sync.Mutex
	broken  []Violation    // guarded by mu
	refused map[string]int // sends not accepted, by code; guarded by mu
}

func (f *faults) violate(rule, format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.broken {
		if f.broken[i].Rule == rule {
			f.broken[i].Count++
			return
		}
	}
	f.broken = append(f.broken, Violation{Rule: rule, Count: 1, First: fmt.Sprintf(format, args...)})
}

func (f *faults) refuse(code string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refused == nil {
		f.refused = make(map[string]int)
	}
	f.refused[code]++
}

// judge looks at the finished ledger for what no single socket could see.
func (l *ledger) judge(f *faults) {
	last := make(map[int]int64) // sender → seq of its latest message so far
	for number := range l.size {
		m := l.get(number)
		answer, seq := m.answer.Load(), m.seq.Load()
		if answer == refused || (answer == unknown && seq == 0) {
			continue
		}
		if due := m.left.Load(); due != 0 {
			f.violate(ruleComplete, "message %d: %d receipts or answers missing", number, due)
		}
		if seq == 0 {
			continue
		}
		if seq <= last[m.sender] {
			f.violate(ruleSender, "message %d of socket %d has seq %d, its message before %d", number, m.sender, seq, last[m.sender])
		}
		last[m.sender] = seq
	}
}
