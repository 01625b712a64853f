package protocol

// TypingRequest says that the person writes a message, at most once a second in
// each room. It is told at once to the connections that have joined the room,
// and kept nowhere.
type TypingRequest struct {
	RoomRef
	Stopped bool `json:"stopped,omitempty" doc:"the person has stopped without sending"`
}

// TypingNotice says that somebody else writes a message. Show it for six seconds
// after the last one, or until their next message or Stopped.
type TypingNotice struct {
	RoomID   int64  `json:"roomId"`
	UserID   int64  `json:"userId"`
	UserName string `json:"userName,omitempty" doc:"display data"`
	Stopped  bool   `json:"stopped,omitempty"`
}
