package wsframe

import "unicode/utf8"

// Budgets against peers that send many frames and say little. A message may
// have freeFragments fragments, and one more for every fragmentBytes it
// carries; between two calls of [Reader.Refill] a peer may send controlBudget
// control frames.
const (
	freeFragments = 32
	fragmentBytes = 256
	controlBudget = 64
)

// Message is a complete message, or a control frame. Op is Continuation when
// the bytes were only a part of a message. Payload aliases what the reader was
// given or the reader's own memory, and is good until the next call of
// [Reader.Next].
type Message struct {
	Op      Opcode
	Payload []byte
}

// Reader takes the bytes of one client apart. It holds memory only while a
// fragmented message is under way, never more than twice what has arrived of
// it. The zero value is not ready: use [NewReader]. Not safe for concurrent use.
type Reader struct {
	limit     int    // longest message in bytes
	parts     []byte // payload of the fragments so far
	fragments int32  // how many they were
	op        Opcode // of the message under way; Continuation when there is none
	controls  uint8  // control frames since the last Refill
}

// NewReader returns a reader that takes messages of at most limit bytes.
func NewReader(limit int) Reader { return Reader{limit: limit} }

// Refill grants the peer its budget of control frames anew. Call it at a
// steady pace, such as once per heartbeat.
func (r *Reader) Refill() { r.controls = 0 }

// Next takes at most one frame from the start of b and unmasks it in place.
// It returns how many bytes that was: 0 without an error means that b does not
// hold a complete frame yet, and is to be given again with more behind it. The
// length that a header declares is checked as soon as the header is there, so
// b never needs to hold more than the limit and 14 bytes. After an error,
// always an *[Error], the reader is finished.
func (r *Reader) Next(b []byte) (Message, int, error) {
	h, err := parseHeader(b, r.limit-len(r.parts))
	if err != nil {
		return Message{}, 0, err
	}
	if h.size == 0 {
		return Message{}, 0, nil
	}
	if err := r.admit(h); err != nil {
		return Message{}, 0, err
	}
	end := h.size + h.length
	if len(b) < end {
		return Message{}, 0, nil
	}
	payload := b[h.size:end:end]
	Mask(payload, h.key)
	if h.op >= Close {
		m, err := r.control(h.op, payload)
		return m, end, err
	}
	m, err := r.data(h, payload)
	return m, end, err
}

// admit checks what a header alone shows: the order of fragments and the
// budgets. It changes nothing, since an incomplete frame is seen again.
func (r *Reader) admit(h header) error {
	switch {
	case h.op >= Close:
		if r.controls >= controlBudget {
			return ErrFlood
		}
	case h.op == Continuation && r.op == Continuation:
		return protocolError("continuation without a beginning")
	case h.op != Continuation && r.op != Continuation:
		return protocolError("new message inside a fragmented one")
	case !h.fin && int(r.fragments) >= freeFragments+(len(r.parts)+h.length)/fragmentBytes:
		return ErrFlood
	}
	return nil
}

func (r *Reader) control(op Opcode, payload []byte) (Message, error) {
	r.controls++
	if op == Close {
		if err := checkClose(payload); err != nil {
			return Message{}, err
		}
	}
	return Message{op, payload}, nil
}

func (r *Reader) data(h header, payload []byte) (Message, error) {
	if h.op != Continuation {
		r.op = h.op
	}
	if !h.fin {
		r.parts = append(r.parts, payload...)
		r.fragments++
		return Message{Op: Continuation}, nil
	}
	op := r.op
	if r.fragments > 0 {
		payload = append(r.parts, payload...)
	}
	r.parts, r.fragments, r.op = nil, 0, Continuation
	if op == Text && !utf8.Valid(payload) {
		return Message{}, ErrInvalidUTF8
	}
	return Message{op, payload}, nil
}
