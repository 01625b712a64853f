package chat

// Record is one entry of the log, decoded. The headers can be read without the
// value; docs/log-format.md is the format's paper. [Encode] fills in Version, ID
// and Targets.
type Record struct {
	// Headers.
	Version  int
	Kind     Kind
	Room     RoomID
	User     UserID   // who did it: always the session's user
	Targets  []UserID // every person that a membership event adds or removes; of create: all members
	Mentions []UserID
	After    Seq // the room's head at which the gateway judged this record

	// Value.
	CID        string   // the sender's id of this event, unique per (room, user)
	ID         string   // public id, [PublicID] of (room, user, cid)
	MAC        string   // over the kind and every field that the client gave
	At         int64    // ms UTC at acceptance; shown, orders nothing
	Text       string   // message, edit
	ReplyTo    string   // id of a message, optional
	TargetSeq  Seq      // edit, delete, react, unreact, pin, unpin
	TargetUser UserID   // kick, ban, unban, role, invite; of a change to a message: its author
	Name       string   // create, rename
	Topic      string   // topic
	RoomKind   RoomKind // create, visibility
	Role       Role     // role
	Emoji      string   // react, unreact
	Members    []Member // create: everybody who is in from the start
}

// Member is one person's place in a room.
type Member struct {
	User UserID `json:"userId"`
	Role Role   `json:"role"`
	From Seq    `json:"-"` // seq of the latest join (or of create)
}

// Outcome says what a record came to. The zero value is "it had its effect";
// every other outcome makes the record void: it keeps its number and does
// nothing.
type Outcome string

const (
	Effective       Outcome = ""
	VoidCopy        Outcome = "copy"         // the same (user, cid) came before; answered like the first
	VoidCIDConflict Outcome = "cid_conflict" // the same (user, cid) with another mac
	VoidStale       Outcome = "stale"        // judged too long ago; the gateway judges again
	VoidForbidden   Outcome = "forbidden"    // not allowed at this position
	VoidGone        Outcome = "gone"         // its target is deleted
	VoidAlready     Outcome = "already"      // it found what it wants already so
	VoidUndecodable Outcome = "undecodable"  // broken, in a known version
)

// Event is what a record came to in its room: what the ring, the store and the
// pages hold. An event is immutable; a change to a message makes a new value.
type Event struct {
	Room       RoomID
	Seq        Seq
	N          uint64 // messages in the room up to and including this event
	Chain      Chain
	Kind       Kind // as recorded, also of a void one
	Outcome    Outcome
	User       UserID
	CID        string // empty for the voids copy, cid_conflict, stale, undecodable
	MAC        string
	ID         string
	At         int64
	After      Seq
	TargetSeq  Seq
	TargetUser UserID
	Rev        Seq      // of a message: seq of its last change, 0 when there was none
	Deleted    bool     // of a message: its text is gone
	FirstSeq   Seq      // of a void copy: the event that it copies
	Pos        Position // where its record lies; zero when it was loaded from the store

	// Body is the record's value (JSON) in its current form: what clients
	// are sent behind the prefix of [AppendFrame]. nil for voids.
	Body []byte
}

// Void reports whether the event had no effect.
func (e *Event) Void() bool { return e.Outcome != Effective }

// Cursor is "I have everything up to this event, of this history".
func (e *Event) Cursor() Cursor { return Cursor{Seq: e.Seq, Check: e.Chain.Check()} }

// Head is the last event of a room, as far as somebody knows.
type Head struct {
	Seq   Seq
	N     uint64
	Chain Chain
}

// Cursor of the head.
func (h Head) Cursor() Cursor { return Cursor{Seq: h.Seq, Check: h.Chain.Check()} }

// Answer is what became of a durable client event.
type Answer struct {
	ID        string
	Seq       Seq
	Cursor    Cursor
	At        int64
	Duplicate bool   // the first answer, given again
	Already   bool   // ok without an event of its own: it was so before
	Err       *Error // nil: acknowledged, for ever
}
