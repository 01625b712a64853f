package protocol

// Payloads about how far people have read.

// MarkReadRequest says that the person has read a room up to an event. It only
// moves forward.
type MarkReadRequest struct {
	RoomRef
	Seq *uint64 `json:"seq,omitempty" doc:"everything up to this event; the room's present end when absent" minimum:"1"`
}

// MarkUnreadRequest lets a room be unread again from an event on; what is before
// it counts as read.
type MarkUnreadRequest struct {
	RoomRef
	Seq uint64 `json:"seq" doc:"the first event that is to be unread"`
}

// MarkReadBody is the body of PUT /api/v1/rooms/{room}/read.
type MarkReadBody struct {
	Seq *uint64 `json:"seq,omitempty" doc:"everything up to this event; the room's present end when absent" minimum:"1"`
}

// MarkUnreadBody is the body of PUT /api/v1/rooms/{room}/unread.
type MarkUnreadBody struct {
	Seq uint64 `json:"seq" doc:"the first event that is to be unread"`
}

// ReadMark is how far a person has read a room. Of two marks of a room the later
// one has the greater Version or, at the same, the greater Seq.
type ReadMark struct {
	Seq     uint64 `json:"seq" doc:"everything up to and including this event"`
	N       uint64 `json:"n" doc:"messages up to there"`
	Version uint64 `json:"version" doc:"rises when the person goes back"`
}

// Standing is where the person stands in a room: with Head, on which the counts
// are. Whoever knows a later head counts head.n − read.n.
type Standing struct {
	RoomID   int64    `json:"roomId"`
	Read     ReadMark `json:"read"`
	Head     Head     `json:"head"`
	Unread   uint64   `json:"unread" doc:"messages behind read, deleted ones too"`
	Mentions int      `json:"mentions" doc:"of them those that name the person"`
}

// MarkAck answers markRead and markUnread.
type MarkAck struct {
	OK bool `json:"ok"`
	Standing
}

// LastMessage is what a list of rooms shows of the last message of a room.
type LastMessage struct {
	Seq      uint64 `json:"seq"`
	UserID   int64  `json:"userId" doc:"who wrote it"`
	UserName string `json:"userName,omitempty" doc:"display data"`
	At       int64  `json:"at" doc:"ms UTC"`
	Text     string `json:"text,omitempty" doc:"the first 200 characters"`
	Deleted  bool   `json:"deleted,omitempty"`
}
