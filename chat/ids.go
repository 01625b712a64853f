package chat

// UserID identifies an account. Ids are never reused.
type UserID int64

// RoomID identifies a conversation. Ids are never reused.
type RoomID int64

// Seq is the number of an event in its room: 1, 2, 3 … without a hole. 1 is
// the event create; 0 means "before the beginning".
type Seq uint64

// Position says where a record lies in the log.
type Position struct {
	Epoch     string // one incarnation of the log
	Partition int32
	Offset    int64
}

// RoomKind says what sort of conversation a room is.
type RoomKind string

const (
	PublicRoom  RoomKind = "public"  // anyone signed in may read and join
	PrivateRoom RoomKind = "private" // invisible to everyone but its members
	DirectRoom  RoomKind = "direct"  // two people
	GroupRoom   RoomKind = "group"   // a few people
)

// Role is a member's rank in a room.
type Role string

const (
	RoleOwner  Role = "owner"
	RoleAdmin  Role = "admin"
	RoleMember Role = "member"
)

// Person is what is shown of an account beside what it says. Names are display
// data: they are looked up when a frame is made, never stored in events.
type Person struct {
	ID     UserID
	Name   string // display name
	Handle string // unique @name, without the @
	Email  string // shown to others only as --show-email allows
	// Picture is the id of the person's picture, empty when they have none.
	Picture string
}
