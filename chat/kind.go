package chat

// Kind names one durable thing that can happen in a room.
type Kind string

const (
	KindCreate     Kind = "create"
	KindMessage    Kind = "message"
	KindEdit       Kind = "edit"
	KindDelete     Kind = "delete"
	KindReact      Kind = "react"
	KindUnreact    Kind = "unreact"
	KindPin        Kind = "pin"
	KindUnpin      Kind = "unpin"
	KindJoin       Kind = "join"
	KindLeave      Kind = "leave"
	KindInvite     Kind = "invite"
	KindKick       Kind = "kick"
	KindBan        Kind = "ban"
	KindUnban      Kind = "unban"
	KindRename     Kind = "rename"
	KindTopic      Kind = "topic"
	KindRole       Kind = "role"
	KindVisibility Kind = "visibility"
	KindArchive    Kind = "archive"
	KindUnarchive  Kind = "unarchive"

	// KindVoid is what clients see of a record without effect. It is never
	// written by a gateway.
	KindVoid Kind = "void"
)

// Kinds that stand only in what clients are sent; no record has them.
const (
	KindHidden Kind = "hidden" // an event about a message that the person may not read
	KindGap    Kind = "gap"    // events were left out before the next one
	KindReset  Kind = "reset"  // the subscription ended: forget the room
)

// Kinds lists every kind that a record of version 1 can have.
var Kinds = []Kind{
	KindCreate, KindMessage, KindEdit, KindDelete, KindReact, KindUnreact, KindPin, KindUnpin,
	KindJoin, KindLeave, KindInvite, KindKick, KindBan, KindUnban, KindRename, KindTopic,
	KindRole, KindVisibility, KindArchive, KindUnarchive,
}

// knownKinds finds a kind by its name without an allocation.
var knownKinds = func() map[string]Kind {
	known := make(map[string]Kind, len(Kinds))
	for _, kind := range Kinds {
		known[string(kind)] = kind
	}
	return known
}()

// ChangesMessage reports whether events of this kind refer to a message by
// TargetSeq.
func (k Kind) ChangesMessage() bool {
	switch k {
	case KindEdit, KindDelete, KindReact, KindUnreact, KindPin, KindUnpin:
		return true
	}
	return false
}
