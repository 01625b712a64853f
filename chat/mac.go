package chat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"sync"
)

// Signer signs records with one key. Any number of goroutines may use it.
type Signer struct{ idle sync.Pool } // of *macInput

// NewSigner makes a signer. Nobody may change the key afterwards.
func NewSigner(key []byte) *Signer {
	return &Signer{idle: sync.Pool{New: func() any { return &macInput{mac: hmac.New(sha256.New, key)} }}}
}

// Sign is what [Signer.Sign] gives, once.
func Sign(key []byte, rec *Record) string { return NewSigner(key).Sign(rec) }

// Sign is the mac of a record: an HMAC-SHA256, cut to 16 bytes and written in
// 22 characters of base64url, over who asked for what: room, user, cid, kind
// and every field that the sender gave. Two records with the same (room, user,
// cid) ask for the same thing exactly when their macs agree, whatever became
// of the stored text since.
//
// Not signed is what the server adds and what a retry may add differently:
// time, after, targets, mentions, which are looked up in the text, and of a
// change to a message its author, who is looked up in the room.
//
// The key lives in the store and is never changed: a new one would turn every
// retry of an older event into a cid_conflict. For the same reason the input is
// frozen: each field that is not empty as its tag (one byte), its length
// (uvarint) and its bytes, in the order of the tags. A later field gets the
// next tag.
func (s *Signer) Sign(rec *Record) string {
	in := s.idle.Get().(*macInput)
	defer s.idle.Put(in)
	in.buf = append(in.buf[:0], "parley mac v1\x00"...)
	in.number(1, uint64(rec.Room))
	in.number(2, uint64(rec.User))
	in.text(3, rec.CID)
	in.text(4, string(rec.Kind))
	in.text(5, rec.Text)
	in.text(6, rec.ReplyTo)
	in.number(7, uint64(rec.TargetSeq))
	if !rec.Kind.ChangesMessage() {
		in.number(8, uint64(rec.TargetUser))
	}
	in.text(9, rec.Name)
	in.text(10, rec.Topic)
	in.text(11, string(rec.RoomKind))
	in.text(12, string(rec.Role))
	in.text(13, rec.Emoji)
	for _, member := range rec.Members {
		in.number(14, uint64(member.User))
		in.text(15, string(member.Role))
	}
	in.mac.Reset()
	in.mac.Write(in.buf)
	in.buf = in.mac.Sum(in.buf[:0])
	return base64.RawURLEncoding.EncodeToString(in.buf[:16])
}

// macInput is what is signed, and the hash that goes over it.
type macInput struct {
	buf []byte
	mac hash.Hash
}

func (in *macInput) text(tag byte, value string) {
	if value == "" {
		return
	}
	in.buf = append(in.buf, tag)
	in.buf = binary.AppendUvarint(in.buf, uint64(len(value)))
	in.buf = append(in.buf, value...)
}

func (in *macInput) number(tag byte, value uint64) {
	if value == 0 {
		return
	}
	in.buf = append(in.buf, tag, 8)
	in.buf = binary.BigEndian.AppendUint64(in.buf, value)
}
