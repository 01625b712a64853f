package protocol

// Events that a client sends. Each takes an acknowledgement callback, which
// gets the ack struct named in the comment, or [Refusal].
const (
	Authenticate      = "authenticate"      // AuthenticateRequest → AuthenticateAck
	JoinRoom          = "joinRoom"          // JoinRequest → JoinAck
	LeaveRoom         = "leaveRoom"         // LeaveRequest → OK
	SendMessage       = "sendMessage"       // SendRequest → SendAck
	EditMessage       = "editMessage"       // EditRequest → SendAck
	DeleteMessage     = "deleteMessage"     // DeleteRequest → SendAck
	GetMessages       = "getMessages"       // PageRequest → PageAck
	GetRecentMessages = "getRecentMessages" // RecentRequest → RecentAck
	GetOnlineUsers    = "getOnlineUsers"    // OnlineRequest → OnlineAck
	OpenDirect        = "openDirect"        // OpenDirectRequest → OpenDirectAck
)

// Auth is the Socket.IO connect payload. A token may also come in the
// Authorization header of the handshake; never in the query string.
type Auth struct {
	Token string `json:"token" doc:"access token from sign-in"`
}

// AuthenticateRequest renews the token of a live socket.
type AuthenticateRequest struct {
	Token string `json:"token" doc:"a fresh access token of the same person"`
}

// RoomRef names a room by id or, for public rooms and Turbo-Chat's clients, by name.
type RoomRef struct {
	RoomID   int64  `json:"roomId,omitempty" doc:"the room's id"`
	RoomName string `json:"roomName,omitempty" doc:"the room's name, when roomId is absent"`
}

// JoinRequest subscribes the socket to a room. On a public room it also makes
// the person a member, the first time. With neither since nor latest it
// subscribes from now.
type JoinRequest struct {
	RoomRef
	Since   string `json:"since,omitempty" doc:"cursor of the last event the client has; \"0\" is the beginning"`
	Latest  int    `json:"latest,omitempty" doc:"catch up from the so-many-th last message on (1 to 200)"`
	Preview bool   `json:"preview,omitempty" doc:"read a public room without becoming a member"`
}

// LeaveRequest unsubscribes the socket; with Forever it ends the membership.
type LeaveRequest struct {
	RoomRef
	Forever bool   `json:"forever,omitempty" doc:"stop being a member"`
	CID     string `json:"cid,omitempty" doc:"client's id of the leave event, with forever"`
}

// SendRequest sends a message. Until the answer is ok or a final code, send
// the same cid again with retry:true.
type SendRequest struct {
	RoomRef
	MessageText string `json:"messageText,omitempty" doc:"1 to 10,000 characters"`
	Message     string `json:"message,omitempty" doc:"Turbo-Chat's name of messageText"`
	CID         string `json:"cid,omitempty" doc:"client's id of this message: 1 to 64 of A-Z a-z 0-9 _ -, a UUIDv7 is best"`
	Retry       bool   `json:"retry,omitempty" doc:"a first copy may have been sent before"`
}

// Change names the message that an edit or a deletion is about. As with a send:
// until the answer is ok or a final code, the same cid again with retry:true.
type Change struct {
	RoomRef
	TargetSeq uint64 `json:"targetSeq" doc:"seq of the message"`
	CID       string `json:"cid,omitempty" doc:"client's id of this change, not that of the message"`
	Retry     bool   `json:"retry,omitempty" doc:"a first copy may have been sent before"`
}

// EditRequest gives one's own message another text.
type EditRequest struct {
	Change
	MessageText string `json:"messageText" doc:"1 to 10,000 characters, in place of what the message said"`
}

// DeleteRequest erases what a message says, for ever: one's own, or as an admin
// of the room anybody's.
type DeleteRequest struct {
	Change
}

// PageRequest reads one page of a room's history: before, after or around a
// seq; the latest page without any of them.
type PageRequest struct {
	RoomRef
	Before  uint64 `json:"before,omitempty" doc:"messages before this seq, the nearest ones"`
	After   uint64 `json:"after,omitempty" doc:"messages after this seq, the nearest ones"`
	Around  uint64 `json:"around,omitempty" doc:"half of the page on each side of this seq, that message included"`
	Limit   int    `json:"limit,omitempty" doc:"messages wanted, 1 to 200, 50 when absent"`
	AtLeast string `json:"atLeast,omitempty" doc:"cursor that the answer must include"`
}

// RecentRequest asks for the newest messages, newest first (Turbo-Chat).
type RecentRequest struct {
	RoomRef
	Count int `json:"count,omitempty" doc:"1 to 200, 20 when absent"`
}

// OnlineRequest asks who of a room's members is online.
type OnlineRequest struct {
	RoomRef
}
