package protocol

// Events that a client sends. Each takes an acknowledgement callback, which
// gets the ack struct named in the comment, or [Refusal].
const (
	Authenticate      = "authenticate"      // AuthenticateRequest → AuthenticateAck; unauthorized forbidden unavailable
	Sync              = "sync"              // SyncRequest → SyncAck; rate_limited busy unavailable
	JoinRoom          = "joinRoom"          // JoinRequest → JoinAck; forbidden not_found rate_limited busy unavailable unknown
	LeaveRoom         = "leaveRoom"         // LeaveRequest → OK; forbidden not_found cid_conflict busy unavailable unknown
	SendMessage       = "sendMessage"       // SendRequest → SendAck; forbidden not_found cid_conflict rate_limited busy unavailable unknown
	EditMessage       = "editMessage"       // EditRequest → SendAck; forbidden not_found cid_conflict gone rate_limited busy unavailable unknown
	DeleteMessage     = "deleteMessage"     // DeleteRequest → SendAck; forbidden not_found cid_conflict gone rate_limited busy unavailable unknown
	GetMessages       = "getMessages"       // PageRequest → PageAck; forbidden not_found rate_limited busy unavailable
	GetRecentMessages = "getRecentMessages" // RecentRequest → RecentAck; forbidden not_found rate_limited busy unavailable
	GetOnlineUsers    = "getOnlineUsers"    // OnlineRequest → OnlineAck; forbidden not_found rate_limited busy unavailable
	OpenDirect        = "openDirect"        // OpenDirectRequest → OpenDirectAck; forbidden not_found rate_limited busy unavailable unknown
	MarkRead          = "markRead"          // MarkReadRequest → MarkAck; forbidden not_found rate_limited busy unavailable
	Typing            = "typing"            // TypingRequest → OK; forbidden not_found rate_limited unavailable
	SearchPeople      = "searchPeople"      // SearchPeopleRequest → SearchPeopleAck; rate_limited busy unavailable
	SetStatus         = "setStatus"         // StatusRequest → StatusAck; rate_limited busy unavailable unknown
	MarkUnread        = "markUnread"        // MarkUnreadRequest → MarkAck; forbidden not_found rate_limited busy unavailable
	ChangeSettings    = "changeSettings"    // ChangeSettingsRequest → SettingsAck; forbidden not_found rate_limited busy unavailable
	SetDraft          = "setDraft"          // SetDraftRequest → DraftAck; forbidden not_found conflict too_large rate_limited busy unavailable
)

// Auth is the Socket.IO connect payload. A token may also come in the
// Authorization header of the handshake; never in the query string.
type Auth struct {
	Token string `json:"token" doc:"access token from sign-in" example:"eyJhbGciOiJIUzI1NiJ9.eyJ1c2VySWQiOjF9.c2lnbmF0dXJl"`
}

// AuthenticateRequest renews the token of a live socket.
type AuthenticateRequest struct {
	Token string `json:"token" doc:"a fresh access token of the same person" example:"eyJhbGciOiJIUzI1NiJ9.eyJ1c2VySWQiOjF9.c2lnbmF0dXJl"`
}

// RoomRef names a room by id or, for public rooms and Turbo-Chat's clients, by name.
type RoomRef struct {
	RoomID   int64  `json:"roomId,omitempty" doc:"the room's id" example:"1"`
	RoomName string `json:"roomName,omitempty" doc:"the room's name, when roomId is absent"`
}

// JoinRequest subscribes the socket to a room. On a public room it also makes
// the person a member, the first time. With neither since nor latest it
// subscribes from now.
type JoinRequest struct {
	RoomRef
	Since   *string `json:"since,omitempty" doc:"cursor of the last event the client has; \"0\" is the beginning; not together with latest" minLength:"1" example:"0"`
	Latest  int     `json:"latest,omitempty" doc:"catch up from the so-many-th last message on" minimum:"1" maximum:"200"`
	Preview bool    `json:"preview,omitempty" doc:"read a public room without becoming a member"`
}

// LeaveRequest unsubscribes the socket; with forever it ends the membership.
type LeaveRequest struct {
	RoomRef
	Forever bool   `json:"forever,omitempty" doc:"stop being a member"`
	CID     string `json:"cid,omitempty" doc:"client's id of the leave event, with forever" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$"`
}

// SendRequest sends a message to a room that one is a member of. Until the
// answer is ok or a final code, send the same cid again with retry: true.
type SendRequest struct {
	RoomRef
	MessageText string `json:"messageText,omitempty" doc:"the text, in UTF-8 at most 40 KiB; white space at its end is cut off" minLength:"1" maxLength:"10000" example:"Good morning"`
	Message     string `json:"message,omitempty" doc:"Turbo-Chat's name of messageText"`
	CID         string `json:"cid,omitempty" doc:"client's id of this message, a UUIDv7 is best" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" example:"01989b2e-7a61-7c3e-9d1f-5b8a4c2e6f01"`
	Retry       bool   `json:"retry,omitempty" doc:"a first copy may have been sent before"`
}

// Change names the message that an edit or a deletion is about. As with a send:
// until the answer is ok or a final code, the same cid again with retry: true.
type Change struct {
	RoomRef
	TargetSeq uint64 `json:"targetSeq" doc:"seq of the message" minimum:"1" example:"2"`
	CID       string `json:"cid,omitempty" doc:"client's id of this change, not that of the message" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$"`
	Retry     bool   `json:"retry,omitempty" doc:"a first copy may have been sent before"`
}

// EditRequest gives one's own message another text.
type EditRequest struct {
	Change
	MessageText string `json:"messageText" doc:"in place of what the message said" minLength:"1" maxLength:"10000" example:"Good morning, everybody"`
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
	Before  *uint64 `json:"before,omitempty" doc:"messages before this seq, the nearest ones" minimum:"1" example:"100"`
	After   *uint64 `json:"after,omitempty" doc:"messages after this seq, the nearest ones" minimum:"1"`
	Around  *uint64 `json:"around,omitempty" doc:"half of the page on each side of this seq, that message included" minimum:"1"`
	Limit   int     `json:"limit,omitempty" doc:"messages wanted, 50 when absent" minimum:"1" maximum:"200"`
	AtLeast string  `json:"atLeast,omitempty" doc:"cursor that the answer must include"`
}

// RecentRequest asks for the newest messages, newest first (Turbo-Chat).
type RecentRequest struct {
	RoomRef
	Count int `json:"count,omitempty" doc:"20 when absent; what is out of range is brought into it" minimum:"1" maximum:"200" example:"20"`
}

// OnlineRequest asks who of a room's members is online. Whoever comes or goes
// later is told by presence.
type OnlineRequest struct {
	RoomRef
}
