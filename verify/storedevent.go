package verify

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// compareNumbers compares what follows from the event before: n, id and chain.
func (r *storedRoom) compareNumbers(ev *store.EventRow) {
	if ev.Kind == chat.KindMessage && !ev.Void() {
		r.n++
	}
	compareNumber(&r.comparison, "n", ev.N, r.n)
	id := ev.ID
	if !ev.Void() {
		id = chat.PublicID(r.room, ev.User, ev.CID)
		r.text("id", ev.ID, id)
	}
	r.chain = r.chain.Next(id)
	r.bytes("chain", ev.Chain, r.chain[:])
}

// body is what a stored body says.
type body struct {
	Kind       chat.Kind     `json:"kind"`
	Room       chat.RoomID   `json:"roomId"`
	User       chat.UserID   `json:"userId"`
	CID        string        `json:"cid"`
	ID         string        `json:"id"`
	MAC        string        `json:"mac"`
	At         int64         `json:"at"`
	Text       string        `json:"messageText"`
	ReplyTo    string        `json:"replyTo"`
	Mentions   []chat.UserID `json:"mentions"`
	TargetSeq  chat.Seq      `json:"targetSeq"`
	TargetUser chat.UserID   `json:"targetUser"`
	Name       string        `json:"name"`
	Topic      string        `json:"topic"`
	RoomKind   chat.RoomKind `json:"roomKind"`
	Role       chat.Role     `json:"role"`
	Emoji      string        `json:"emoji"`
	Members    []chat.Member `json:"members"`

	isRead bool
}

// read decodes a body; what is no body is told.
func (r *storedRoom) read(column string, raw []byte) (b body) {
	if err := json.Unmarshal(raw, &b); err != nil {
		r.differ(column, fmt.Sprintf("%.80q", raw), "a JSON object: "+err.Error())
		return b
	}
	b.isRead = true
	return b
}

// record is what the sender asked for, for its mac.
func (b *body) record() *chat.Record {
	return &chat.Record{
		Kind: b.Kind, Room: b.Room, User: b.User, CID: b.CID, Text: b.Text, ReplyTo: b.ReplyTo,
		TargetSeq: b.TargetSeq, TargetUser: b.TargetUser, Name: b.Name, Topic: b.Topic,
		RoomKind: b.RoomKind, Role: b.Role, Emoji: b.Emoji, Members: b.Members,
	}
}

// compareMAC holds what was said against what the sender's request was given.
func (r *storedRoom) compareMAC(column, mac string, b *body) {
	if mac == "" || r.v.macKey == nil || !b.isRead {
		return
	}
	r.v.report.Texts++
	if signed := chat.Sign(r.v.macKey, b.record()); signed != mac {
		r.differ(column, "what gives the mac "+signed, "what gives the mac "+mac+", as when it was sent")
	}
}

// compareContent compares the columns of an event with its body, and what
// follows from it.
func (r *storedRoom) compareContent(ev *store.EventRow, mentions []chat.UserID) error {
	r.compareCID(ev)
	if ev.Void() {
		r.json("body", ev.Body, nil)
		return r.compareMentions(nil, mentions)
	}
	b := r.read("body", ev.Body)
	if !b.isRead {
		return nil
	}
	r.text("kind", string(ev.Kind), string(b.Kind))
	compareNumber(&r.comparison, "user", ev.User, b.User)
	r.text("cid", ev.CID, b.CID)
	r.text("id", ev.ID, b.ID)
	compareNumber(&r.comparison, "at", ev.At, b.At)
	compareNumber(&r.comparison, "target_seq", ev.TargetSeq, b.TargetSeq)
	compareNumber(&r.comparison, "target_user", ev.TargetUser, b.TargetUser)
	if b.Room != r.room {
		r.differ("body", fmt.Sprintf("roomId %d", b.Room), fmt.Sprintf("roomId %d", r.room))
	}
	if !ev.Deleted {
		r.text("mac", ev.MAC, b.MAC)
	}
	switch ev.Kind {
	case chat.KindMessage:
		return r.takeMessage(ev, &b, mentions)
	case chat.KindEdit, chat.KindDelete:
		compareNumber(&r.comparison, "rev", ev.Rev, ev.Seq)
		r.truth("deleted", ev.Deleted, false)
		if err := r.takeChange(ev); err != nil {
			return err
		}
	default:
		compareNumber(&r.comparison, "rev", ev.Rev, 0)
		r.truth("deleted", ev.Deleted, false)
	}
	if ev.Kind != chat.KindEdit { // its text is in the message
		r.compareMAC("body", ev.MAC, &b)
	}
	r.apply(ev, &b)
	return r.compareMentions(nil, mentions)
}

func (r *storedRoom) compareCID(ev *store.EventRow) {
	ms, isV7 := chat.CIDTime(ev.CID)
	if ev.CIDTime.Valid != isV7 || isV7 && ev.CIDTime.Int64 != ms {
		stored, expected := "NULL", "NULL"
		if ev.CIDTime.Valid {
			stored = fmt.Sprint(ev.CIDTime.Int64)
		}
		if isV7 {
			expected = fmt.Sprint(ms)
		}
		r.differ("cid_ms", stored, expected)
	}
	switch ev.Outcome {
	case chat.VoidCopy, chat.VoidCIDConflict, chat.VoidStale, chat.VoidUndecodable:
		r.text("cid", ev.CID, "")
	case chat.Effective, chat.VoidForbidden, chat.VoidGone, chat.VoidAlready:
		if ev.CID == "" {
			r.differ("cid", "NULL", "the sender's id")
		}
	default:
		r.differ("outcome", fmt.Sprintf("%q", string(ev.Outcome)), "an outcome of Apply")
	}
}

// takeMessage compares a message in all its forms.
func (r *storedRoom) takeMessage(ev *store.EventRow, b *body, mentions []chat.UserID) error {
	if ev.Deleted {
		if b.Text != "" || len(b.Mentions) > 0 || b.MAC != "" {
			r.differ("body", "a text", "none: the message is deleted")
		}
		if err := r.compareRev(ev, chat.KindDelete); err != nil {
			return err
		}
		return r.compareMentions(nil, mentions)
	}
	if err := r.compareMentions(b.Mentions, mentions); err != nil {
		return err
	}
	if ev.Rev == 0 {
		r.compareMAC("body", ev.MAC, b)
		return nil
	}
	if err := r.compareRev(ev, chat.KindEdit); err != nil {
		return err
	}
	return r.compareForms(ev, b)
}

// compareRev checks that a message's last change is one.
func (r *storedRoom) compareRev(ev *store.EventRow, kind chat.Kind) error {
	change, err := r.v.db.Event(r.room, ev.Rev)
	if err != nil {
		return err
	}
	if change == nil || change.Kind != kind || change.Void() || change.TargetSeq != ev.Seq {
		r.differ("rev", fmt.Sprint(ev.Rev), fmt.Sprintf("the seq of a %s of this message", kind))
	}
	return nil
}

// editsAtOnce bounds how many former bodies are read at once.
const editsAtOnce = 64

// compareForms holds each text that a message had against the mac of the event
// that brought it.
func (r *storedRoom) compareForms(ev *store.EventRow, present *body) error {
	mac, edit := ev.MAC, (*store.EventRow)(nil) // what brought the next form
	last := chat.Seq(0)
	for {
		former, err := r.v.db.Edits(r.room, ev.Seq, last, editsAtOnce)
		if err != nil {
			return err
		}
		for i := range former {
			last = former[i].Rev
			r.counts.Edits++
			b := r.read(fmt.Sprintf("body before edit %d", last), former[i].Body)
			r.compareForm(mac, edit, &b)
			if edit, err = r.v.db.Event(r.room, last); err != nil {
				return err
			}
			if edit == nil || edit.Kind != chat.KindEdit || edit.Void() || edit.TargetSeq != ev.Seq {
				r.inTable("edits", fmt.Sprintf("message %d", ev.Seq), func(c *comparison) {
					c.differ("rev", fmt.Sprint(last), "the seq of an edit of this message")
				})
				return r.err
			}
			mac = edit.MAC
		}
		if len(former) < editsAtOnce {
			break
		}
	}
	if last != ev.Rev {
		r.inTable("edits", fmt.Sprintf("message %d", ev.Seq), func(c *comparison) {
			c.differ("rev", fmt.Sprintf("%d as the last", last), fmt.Sprintf("%d, the message's rev", ev.Rev))
		})
		return r.err
	}
	r.compareForm(mac, edit, present)
	return r.err
}

// compareForm compares one form of a message with what brought it: the message
// itself, or an edit.
func (r *storedRoom) compareForm(mac string, edit *store.EventRow, form *body) {
	if edit == nil {
		r.compareMAC("body", mac, form)
		return
	}
	said := r.read("body", edit.Body)
	said.Text = form.Text
	r.compareMAC(fmt.Sprintf("body after edit %d", edit.Seq), mac, &said)
}

// takeChange checks that an edit or a deletion has changed its message.
func (r *storedRoom) takeChange(ev *store.EventRow) error {
	message, err := r.v.db.Event(r.room, ev.TargetSeq)
	if err != nil {
		return err
	}
	switch {
	case message == nil || message.Kind != chat.KindMessage || message.Void():
		r.differ("target_seq", fmt.Sprint(ev.TargetSeq), "a message of this room")
	case ev.Kind == chat.KindDelete && !message.Deleted:
		r.of(message.Seq, func(c *comparison) { c.truth("deleted", false, true) })
	case !message.Deleted && message.Rev < ev.Seq:
		r.of(message.Seq, func(c *comparison) {
			c.differ("rev", fmt.Sprint(message.Rev), fmt.Sprintf("at least %d, its edit", ev.Seq))
		})
	case !message.Deleted:
		former, err := r.v.db.Edits(r.room, message.Seq, ev.Seq-1, 1)
		if err != nil {
			return err
		}
		if len(former) == 0 || former[0].Rev != ev.Seq {
			r.inTable("edits", fmt.Sprintf("message %d", message.Seq), func(c *comparison) {
				c.differ("", "no row", fmt.Sprintf("the body that edit %d replaced", ev.Seq))
			})
		}
	}
	return r.err
}

// of compares another event of the room.
func (r *storedRoom) of(seq chat.Seq, compare func(*comparison)) {
	c := r.comparison
	c.seq = seq
	compare(&c)
	r.err = c.err
}

// compareMentions compares who is mentioned in a message.
func (r *storedRoom) compareMentions(expected, stored []chat.UserID) error {
	r.counts.Mentions += int64(len(stored))
	want := slices.Compact(slices.Sorted(slices.Values(expected)))
	if !slices.Equal(want, stored) {
		seq := r.seq
		r.inTable("mentions", "", func(c *comparison) {
			c.seq = seq
			c.differ("user", fmt.Sprint(stored), fmt.Sprint(want))
		})
	}
	return r.err
}
