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
