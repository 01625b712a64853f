package chat

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
)

// Version is the version of records that this code writes, and the only one
// that it reads.
const Version = 1

// What can be wrong with a record. They say different things to a follower: an
// unknown version or kind was written by a newer node, and a recorder must stop
// before it; a broken record of a known version is void for everybody.
var (
	ErrUnknownVersion = errors.New("record of an unknown version")
	ErrUnknownKind    = errors.New("record of an unknown kind")
	ErrUndecodable    = errors.New("broken record")
)

// Header is one named value beside a record, readable without the value.
type Header struct {
	Key   string
	Value []byte
}

// Names of the headers. v, kind and room keep their meaning in every version.
const (
	headerVersion  = "v"
	headerKind     = "kind"
	headerRoom     = "room"
	headerUser     = "user"
	headerTarget   = "target"
	headerMentions = "mentions"
	headerAfter    = "after"
)

// Envelope is what a record's headers say. Lists are kept as they came and are
// read when asked for: most followers only look at the room.
type Envelope struct {
	Version int
	Kind    Kind
	Room    RoomID // 0: not readable; such a record belongs to no room and takes no number
	User    UserID
	After   Seq

	targets, mentions []byte
}

// Targets are the people that a membership event adds or removes.
func (e *Envelope) Targets() iter.Seq[UserID] { return eachUser(e.targets) }

// Mentions are the people that a message names.
func (e *Envelope) Mentions() iter.Seq[UserID] { return eachUser(e.mentions) }

// Peek reads the headers of a record without an allocation. H is any type of
// the same shape as [Header], so that a log need not know this package.
//
// With [ErrUnknownVersion], [ErrUnknownKind] and [ErrUndecodable] it still
// gives what could be read; look at Room before anything else.
func Peek[H ~struct {
	Key   string
	Value []byte
}](headers []H) (Envelope, error) {
	var e Envelope
	var seen headerSet
	var version, kind []byte
	broken := false
	for i := range headers {
		h := Header(headers[i])
		bit := headerBit(h.Key)
		if bit != 0 && seen&bit != 0 {
			broken = true
			continue
		}
		seen |= bit
		var number uint64
		ok := true
		switch bit {
		case bitVersion:
			version = h.Value
		case bitKind:
			kind = h.Value
		case bitRoom:
			number, ok = parseNumber(h.Value)
			e.Room = RoomID(number)
		case bitUser:
			number, ok = parseNumber(h.Value)
			e.User = UserID(number)
		case bitAfter:
			number, ok = parseNumber(h.Value)
			e.After = Seq(number)
		case bitTarget:
			e.targets = h.Value
		case bitMentions:
			e.mentions = h.Value
		}
		broken = broken || !ok
	}
	number, ok := parseNumber(version)
	if !ok {
		return e, fmt.Errorf("%w: header v is missing or no number", ErrUndecodable)
	}
	e.Version = int(number)
	e.Kind = Kind(knownKinds[string(kind)])
	switch {
	case e.Version != Version:
		return e, fmt.Errorf("%w: %d", ErrUnknownVersion, e.Version)
	case e.Kind == "" && len(kind) > 0:
		e.Kind = Kind(kind)
		return e, fmt.Errorf("%w: %q", ErrUnknownKind, kind)
	case broken || seen&bitsRequired != bitsRequired || e.Room == 0 || e.User == 0 || e.Kind == "":
		return e, fmt.Errorf("%w: a header is missing, doubled or no number", ErrUndecodable)
	}
	return e, nil
}

type headerSet uint8

const (
	bitVersion headerSet = 1 << iota
	bitKind
	bitRoom
	bitUser
	bitAfter
	bitTarget
	bitMentions

	bitsRequired = bitVersion | bitKind | bitRoom | bitUser | bitAfter
)

// headerBit is 0 for a header that is none of ours; such headers are passed over.
func headerBit(key string) headerSet {
	switch key {
	case headerVersion:
		return bitVersion
	case headerKind:
		return bitKind
	case headerRoom:
		return bitRoom
	case headerUser:
		return bitUser
	case headerAfter:
		return bitAfter
	case headerTarget:
		return bitTarget
	case headerMentions:
		return bitMentions
	}
	return 0
}

// parseNumber reads a decimal number below 2^63 as [strconv.AppendUint] writes
// it: digits alone, no leading zero.
func parseNumber(text []byte) (uint64, bool) {
	if len(text) == 0 || len(text) > 19 || len(text) > 1 && text[0] == '0' {
		return 0, false
	}
	var n uint64
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, n < 1<<63
}

// eachUser reads ids separated by commas, up to the first that is none.
func eachUser(list []byte) iter.Seq[UserID] {
	return func(yield func(UserID) bool) {
		for rest := list; len(rest) > 0; {
			end := 0
			for end < len(rest) && rest[end] != ',' {
				end++
			}
			id, ok := parseNumber(rest[:end])
			if !ok || id == 0 || !yield(UserID(id)) {
				return
			}
			rest = rest[min(end+1, len(rest)):]
		}
	}
}

// parseUsers reads a whole list; what [eachUser] would pass over is an error.
func parseUsers(list []byte) ([]UserID, bool) {
	var users []UserID
	for user := range eachUser(list) {
		users = append(users, user)
	}
	return users, len(appendUsers(nil, users)) == len(list)
}

func appendUsers(dst []byte, users []UserID) []byte {
	for i, user := range users {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(user), 10)
	}
	return dst
}

// headerCount is how many headers a record has at most.
const headerCount = 7

// AppendHeaders appends the headers of a record that has this value, of which
// [EncodeValue] or [Decode] has made the record complete. They alone hold After,
// so a record that has to be judged again gets new headers and keeps its value.
// The error is a refusal, [TooLarge] above [MaxRecordBytes].
func AppendHeaders[H ~struct {
	Key   string
	Value []byte
}](dst []H, rec *Record, value []byte) ([]H, error) {
	w := headerWriter[H]{
		headers: dst,
		buf:     make([]byte, 0, 64+20*(len(rec.Targets)+len(rec.Mentions))),
	}
	w.number(headerVersion, uint64(rec.Version))
	w.text(headerKind, string(rec.Kind))
	w.number(headerRoom, uint64(rec.Room))
	w.number(headerUser, uint64(rec.User))
	w.users(headerTarget, rec.Targets)
	w.users(headerMentions, rec.Mentions)
	w.number(headerAfter, uint64(rec.After))
	if size := recordSize(w.headers[len(dst):], value); size > MaxRecordBytes {
		return nil, Errorf(TooLarge, "This takes %d bytes in the log, more than the limit of %d.", size, MaxRecordBytes)
	}
	return w.headers, nil
}

// headerWriter lays all values into one buffer.
type headerWriter[H ~struct {
	Key   string
	Value []byte
}] struct {
	headers []H
	buf     []byte
}

func (w *headerWriter[H]) add(key string, start int) {
	w.headers = append(w.headers, H{Key: key, Value: w.buf[start:len(w.buf):len(w.buf)]})
}

func (w *headerWriter[H]) number(key string, value uint64) {
	start := len(w.buf)
	w.buf = strconv.AppendUint(w.buf, value, 10)
	w.add(key, start)
}

func (w *headerWriter[H]) text(key, value string) {
	start := len(w.buf)
	w.buf = append(w.buf, value...)
	w.add(key, start)
}

// users leaves an empty list out.
func (w *headerWriter[H]) users(key string, users []UserID) {
	if len(users) == 0 {
		return
	}
	start := len(w.buf)
	w.buf = appendUsers(w.buf, users)
	w.add(key, start)
}
