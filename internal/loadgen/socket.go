package loadgen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
	"time"
)

// tally is what one reader has counted. The histograms belong to the reader;
// the counters are read by others while it goes on.
type tally struct {
	deliveries atomic.Int64 // messages of the run received, once per socket
	bytes      atomic.Int64 // of those messages' frames
	events     atomic.Int64 // events of rooms that are no messages of the run
	presence   atomic.Int64 // bytes that told who is here
	latency    Histogram    // planned time to receipt, of measured messages
	answers    Histogram    // write to acknowledgement, of measured messages
}

// A socket's way through the handshake.
const (
	opening = iota // waits for Engine.IO's open packet
	connecting
	joining
	live
)

// socket is one connection, in one room. Its fields but wire belong to the
// goroutine that reads: first the one that connects it, then its reader.
type socket struct {
	run    *run
	number int
	room   int
	token  string
	wire   io.WriteCloser // safe for concurrent use

	state int
	last  int64  // seq of the latest event
	known bool   // last is known
	rest  []byte // an unfinished frame
}

// take handles the complete frames at the front of b, read at now since the
// run's start, and returns how many bytes they take.
func (s *socket) take(b []byte, now time.Duration, t *tally) (used int, err error) {
	var deliveries, size int64
	for err == nil {
		op, payload, n, ferr := nextFrame(b[used:])
		if ferr != nil || n == 0 {
			err = ferr
			break
		}
		used += n
		var delivered bool
		switch op {
		case opText:
			delivered, err = s.packet(payload, now, t)
		case opPing:
			_, err = s.wire.Write(maskedFrame(opPong, payload))
		case opClose:
			err = errors.New("closed by the server")
		}
		if delivered {
			deliveries++
			size += int64(n)
		}
	}
	t.deliveries.Add(deliveries)
	t.bytes.Add(size)
	return used, err
}

// packet reports whether payload was a message of the run.
func (s *socket) packet(payload []byte, now time.Duration, t *tally) (delivered bool, err error) {
	p, err := parsePacket(payload)
	if err != nil {
		return false, err
	}
	switch p.kind {
	case pktOpen:
		s.state = connecting
		return false, s.write(s.connectPacket())
	case pktConnected:
		s.state = joining
		if s.run.cfg.Workload == Join {
			return false, nil
		}
		return false, s.join()
	case pktPing:
		return false, s.write("3")
	case pktAck:
		if p.id == 0 {
			return false, s.joined(p.body)
		}
		s.answered(p.id-1, p.body, now, t)
	case pktRefused:
		return false, fmt.Errorf("connect refused: %s", p.body)
	case pktEnd:
		return false, errors.New("ended by the server")
	case pktEvent:
		return s.event(p, now, t), nil
	}
	return false, nil
}

// join asks to join. It may be called by others than the reader.
func (s *socket) join() error {
	return s.write(`420["joinRoom",{"roomId":` + s.run.rooms[s.room] + `}]`)
}

func (s *socket) connectPacket() string {
	if s.token == "" {
		return "40"
	}
	return `40{"token":` + strconv.Quote(s.token) + `}`
}

func (s *socket) write(packet string) error {
	_, err := s.wire.Write(maskedFrame(opText, []byte(packet)))
	return err
}

// joined takes joinRoom's acknowledgement: what follows is above its head.
func (s *socket) joined(answer []byte) error {
	var args []struct {
		OK   bool
		More bool
		Head *struct{ Seq int64 }
	}
	err := json.Unmarshal(answer, &args)
	if err != nil || len(args) != 1 || !args[0].OK || args[0].More || args[0].Head == nil {
		return fmt.Errorf("joinRoom answered %.300s", answer)
	}
	head := args[0].Head.Seq
	if s.known && head > s.last {
		s.run.faults.violate(ruleOrder, "socket %d: joined at head %d after seq %d", s.number, head, s.last)
	}
	if !s.known {
		s.last, s.known = head, true
	}
	s.state = live
	s.run.live.Add(1)
	s.run.signal()
	return nil
}

func (s *socket) event(p packet, now time.Duration, t *tally) (delivered bool) {
	switch string(p.name) {
	case "receiveMessage":
		return s.roomEvent(p.body, now, t)
	case "presence", "onlineUsers":
		t.presence.Add(int64(len(p.body)))
	case "problem":
		s.run.faults.violate(ruleOpen, "socket %d: problem %.200s", s.number, p.body)
	}
	return false
}

// roomEvent judges one numbered event and counts it if it is a message of the run.
func (s *socket) roomEvent(body []byte, now time.Duration, t *tally) (delivered bool) {
	seq, ok := intField(body, `"seq":`)
	if kind, _ := stringField(body, `"kind":"`); !ok || string(kind) == "gap" || string(kind) == "reset" {
		s.run.faults.violate(ruleStream, "socket %d after seq %d: %.200s", s.number, s.last, body)
		return false
	}
	if s.known && seq != s.last+1 {
		s.run.faults.violate(ruleOrder, "socket %d: seq %d after %d", s.number, seq, s.last)
		if seq <= s.last {
			return false
		}
	}
	s.last, s.known = seq, true
	cid, _ := stringField(body, `"cid":"`)
	number, ours := s.run.cids.number(cid)
	if !ours {
		t.events.Add(1)
		return false
	}
	return s.received(number, seq, now, t)
}

func (s *socket) received(number, seq int64, now time.Duration, t *tally) bool {
	m := s.run.ledger.get(number)
	switch {
	case m == nil:
		s.run.faults.violate(ruleOneSeq, "socket %d: seq %d is message %d, which was not sent", s.number, seq, number)
		return false
	case m.room != s.room:
		s.run.faults.violate(ruleRoom, "socket %d: message %d of room %d in room %d", s.number, number, m.room, s.room)
		return false
	case m.answer.Load() == refused:
		s.run.faults.violate(ruleRefused, "socket %d: message %d was refused and came as seq %d", s.number, number, seq)
		return false
	case !m.seq.CompareAndSwap(0, seq) && m.seq.Load() != seq:
		s.run.faults.violate(ruleOneSeq, "socket %d: message %d as seq %d, before as %d", s.number, number, seq, m.seq.Load())
		return false
	}
	if m.measure {
		t.latency.Record(now - m.planned)
	}
	s.run.settle(m, 1)
	return true
}

// answered takes the acknowledgement of a send.
func (s *socket) answered(number int64, answer []byte, now time.Duration, t *tally) {
	m := s.run.ledger.get(number)
	if m == nil || m.sender != s.number {
		s.run.faults.violate(ruleAck, "socket %d: answer to message %d, which it did not send", s.number, number)
		return
	}
	outcome := int32(accepted)
	if !bytes.Contains(answer, []byte(`"ok":true`)) {
		code, _ := stringField(answer, `"code":"`)
		s.run.faults.refuse(string(code))
		outcome = refused
		if string(code) == "unknown" {
			outcome = unknown
		}
	}
	if m.answer.Swap(outcome) != unanswered {
		s.run.faults.violate(ruleAck, "socket %d: message %d answered twice: %.200s", s.number, number, answer)
		return
	}
	seen := m.seq.Load()
	switch outcome {
	case accepted:
		s.accepted(m, number, answer)
		if m.measure {
			t.answers.Record(now - m.sent)
		}
		s.run.settle(m, 1)
	case unknown:
		s.run.settle(m, 1)
	case refused:
		if seen != 0 {
			s.run.faults.violate(ruleRefused, "message %d was seen as seq %d and refused: %.200s", number, seen, answer)
			return
		}
		s.run.settle(m, int(m.left.Load()))
	}
}

// accepted checks that the sender has seen its message before the answer.
func (s *socket) accepted(m *message, number int64, answer []byte) {
	seq, ok := intField(answer, `"seq":`)
	if seen := m.seq.Load(); !ok || seq > s.last || seen != seq {
		s.run.faults.violate(ruleAck, "socket %d: message %d acknowledged as seq %d, seen as %d, with the stream at %d", s.number, number, seq, seen, s.last)
	}
}
