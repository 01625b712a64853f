package check

import (
	"crypto/sha256"
	"encoding/hex"
)

// What names the meaning of a line; the table of the package has them all.
type What string

// The kinds of lines.
const (
	Connect   What = "connect"
	Connected What = "connected"
	Close     What = "close"
	End       What = "end"
	Join      What = "join"
	Joined    What = "joined"
	Leave     What = "leave"
	Left      What = "left"
	Got       What = "event"
	Gap       What = "gap"
	Reset     What = "reset"
	Send      What = "send"
	Answered  What = "outcome"
	Ask       What = "ask"
	Paged     What = "page"
	Fault     What = "fault"
	Stuck     What = "stuck"
	Final     What = "final"
	Snapshot  What = "snapshot"
	UpTo      What = "upto"
	Logged    What = "log"
	Stored    What = "stored"
	Former    What = "former"
	Revoke    What = "revoke"
	Revoked   What = "revoked"
	Searched  What = "searched"
	Look      What = "look"
	Online    What = "online"
	Used      What = "used"
)

// Phases of an event that a device was given.
const (
	Live   = "live"   // behind the answer of joinRoom
	Resume = "resume" // before it
)

// Outcome says what a device knows of an attempt to send.
type Outcome string

// The outcomes.
const (
	OK      Outcome = "ok"      // durable, at seq
	Failed  Outcome = "failed"  // this attempt has no effect, now or ever
	Unknown Outcome = "unknown" // anything else
)

// Kinds of events that this package looks at.
const (
	KindCreate     = "create"
	KindMessage    = "message"
	KindEdit       = "edit"
	KindDelete     = "delete"
	KindJoin       = "join"
	KindLeave      = "leave"
	KindInvite     = "invite"
	KindKick       = "kick"
	KindBan        = "ban"
	KindUnban      = "unban"
	KindVisibility = "visibility"
	KindVoid       = "void"
	KindHidden     = "hidden" // about a message that the person may not read
)

// Event is a numbered event of a room as somebody saw it. All but Hash, Rev and
// Deleted is the same for everybody and for ever; these three say which form of
// a message was seen.
type Event struct {
	Seq    uint64 `json:"seq,omitempty"`
	ID     string `json:"id,omitempty"`
	CID    string `json:"cid,omitempty"`
	User   int64  `json:"user,omitempty"`
	Kind   string `json:"kind,omitempty"`
	Cursor string `json:"cursor,omitempty"`

	Target   uint64 `json:"target,omitempty"`   // of a change (edit, delete, react …): the seq of its message
	Whom     int64  `json:"whom,omitempty"`     // of invite, kick, ban, unban, role: the person
	RoomKind string `json:"roomKind,omitempty"` // of create, visibility: public, private, direct, group

	// Of a message its form, of an edit the form of its message.
	Hash    string `json:"hash,omitempty"`    // [Hash] of the text; none when it is deleted or not told
	Rev     uint64 `json:"rev,omitempty"`     // seq of the last change in this form, 0: none
	Deleted bool   `json:"deleted,omitempty"` // the text is gone
}

// Line is one line of a history. The table of the package says which members
// each kind has.
type Line struct {
	T      int64  `json:"t"` // ns
	What   What   `json:"what"`
	Device string `json:"device,omitempty"`
	Room   int64  `json:"room,omitempty"`
	Call   int64  `json:"call,omitempty"`
	Event

	Code string `json:"code,omitempty"`
	Via  string `json:"via,omitempty"` // websocket, polling, rest

	Since  string `json:"since,omitempty"`
	Latest int    `json:"latest,omitempty"`
	More   bool   `json:"more,omitempty"`
	Reset  string `json:"reset,omitempty"` // the reason
	From   uint64 `json:"from,omitempty"`
	To     uint64 `json:"to,omitempty"`
	Phase  string `json:"phase,omitempty"`

	Retry     bool    `json:"retry,omitempty"`
	Outcome   Outcome `json:"outcome,omitempty"`
	At        int64   `json:"at,omitempty"` // ms UTC, as the server said
	Duplicate bool    `json:"duplicate,omitempty"`

	Ask  *Query `json:"ask,omitempty"`
	Page *Page  `json:"page,omitempty"`

	Members []int64 `json:"members,omitempty"` // of create: who is in from the start; of look, online: who could be, and is, shown

	Fault string `json:"fault,omitempty"` // of stuck: what the server does instead of serving

	Snapshot  int    `json:"snapshot,omitempty"` // 1, 2, 3 …
	Watermark int64  `json:"watermark,omitempty"`
	Partition int    `json:"partition,omitempty"`
	Offset    int64  `json:"offset,omitempty"`
	Void      string `json:"void,omitempty"` // of a stored row: why it is void

	Session string `json:"session,omitempty"`
	Word    string `json:"word,omitempty"`   // of send: a word of its text that is nowhere else; of searched: one that was found
	Place   string `json:"place,omitempty"`  // where something was looked for, or is used
	Within  int64  `json:"within,omitempty"` // ns: of look, after which who came or went has to be seen so; of fault, after whose end it has again
	Used    int64  `json:"used,omitempty"`
	Allowed int64  `json:"allowed,omitempty"`
}

// Query is what a device asked of a page: at most one of Before, After and
// Around, or the latest page.
type Query struct {
	Before  uint64 `json:"before,omitempty"`
	After   uint64 `json:"after,omitempty"`
	Around  uint64 `json:"around,omitempty"`
	Limit   int    `json:"limit"` // messages
	AtLeast string `json:"atLeast,omitempty"`
}

// Page is what a device was shown.
type Page struct {
	Events     []Event `json:"events"`
	AsOf       uint64  `json:"asOf"`
	MoreBefore bool    `json:"moreBefore,omitempty"`
	MoreAfter  bool    `json:"moreAfter,omitempty"`
}

// Hash is how histories name a text: 16 hexadecimal digits of its SHA-256.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
