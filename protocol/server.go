package protocol

import "encoding/json"

// Events that the server sends.
const (
	ReceiveMessage  = "receiveMessage"  // Event: every durable event of a joined room in seq order, and void, hidden, gap, reset
	RecentMessages  = "recentMessages"  // []TurboMessage: to Turbo-Chat's clients only, the newest first
	OnlineUsers     = "onlineUsers"     // TurboOnline: to Turbo-Chat's clients only
	Presence        = "presence"        // PresenceChange: members of a joined room came, went or have another status
	RoomAdded       = "roomAdded"       // RoomInfo: a room that the person is in or can see now
	RoomRemoved     = "roomRemoved"     // RoomRemovedNotice: a room that the person can see no more
	SomebodyTypes   = "typing"          // TypingNotice: somebody writes in a joined room
	RoomChange      = "roomChanged"     // RoomChanged: something happened in a room of the person's list
	ReadChanged     = "readChanged"     // Standing: another device of the person has moved how far they have read
	SettingsChanged = "settingsChanged" // SettingsOfRoom: another device of the person has changed how they want a room to be shown
	StatusChanged   = "statusChanged"   // OwnStatus: another device of the person has set how they want to be shown
	DraftChanged    = "draftChanged"    // DraftOfRoom: another device of the person has begun to write, written on, or sent it
	Draining        = "draining"        // DrainingNotice: the server stops
	Problem         = "problem"         // ProblemNotice: why the server closes, or that the token is about to end
)

// Refusal is the acknowledgement of anything that was not done.
type Refusal struct {
	OK    bool      `json:"ok" doc:"false"`
	Error ErrorInfo `json:"error"`
}

// ErrorInfo says what was wrong. Final codes are invalid, forbidden,
// not_found, conflict, cid_conflict, too_large and gone; every other one means:
// send the same cid again.
type ErrorInfo struct {
	Code       string  `json:"code" doc:"what programs look at" example:"rate_limited"`
	Message    string  `json:"message" doc:"what people read; it says what to do" example:"Slow down: more than 10 a second."`
	RetryAfter float64 `json:"retryAfter,omitempty" doc:"seconds to wait, may be a fraction" example:"0.1"`
}

// OK acknowledges what has nothing more to say.
type OK struct {
	OK bool `json:"ok"`
}

// Self is the signed-in person.
type Self struct {
	ID      int64  `json:"id" example:"1"`
	Email   string `json:"email" example:"ann@example.org"`
	Name    string `json:"name" doc:"display name" example:"Ann"`
	Handle  string `json:"handle" doc:"unique, without the @" example:"ann"`
	Role    string `json:"role" doc:"on this server: owner, admin, member" example:"member"`
	Picture string `json:"picture,omitempty" doc:"id of the person's picture, at /api/v1/pictures/{picture}; absent: none"`
}

// AuthenticateAck answers authenticate.
type AuthenticateAck struct {
	OK        bool  `json:"ok"`
	User      Self  `json:"user"`
	ExpiresAt int64 `json:"expiresAt" doc:"ms UTC" example:"1767247200000"`
}

// Head is the last event of a room.
type Head struct {
	Seq    uint64 `json:"seq" doc:"number of the last event" example:"2"`
	N      uint64 `json:"n" doc:"number of messages so far" example:"1"`
	Cursor string `json:"cursor" doc:"everything up to seq" example:"2.KXeQbJ"`
}

// Gap says that the events from..to were left out.
type Gap struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// Reset says that what the client holds of the room is not, or no longer, a
// part of its history as this person may read it: forget the room and join
// with latest. The reason is "history" (another history), "ahead" (a number never
// reached), "membership" (before the person's first readable event) or
// "numbering" (the numbers did not follow each other).
type Reset struct {
	Reason string `json:"reason" example:"history"`
	Head   Head   `json:"head"`
}

// RoomInfo describes a room to one person.
type RoomInfo struct {
	ID        int64       `json:"id" example:"1"`
	Name      string      `json:"name" example:"general"`
	Kind      string      `json:"kind" doc:"public, private, direct or group" example:"public"`
	Topic     string      `json:"topic,omitempty"`
	Archived  bool        `json:"archived,omitempty"`
	Members   int         `json:"members" doc:"how many" example:"2"`
	Role      string      `json:"role,omitempty" doc:"of the person asking: owner, admin, member; absent when not a member" example:"member"`
	Head      Head        `json:"head"`
	CreatedAt int64       `json:"createdAt,omitempty" doc:"ms UTC; in lists"`
	Peer      *PersonInfo `json:"peer,omitempty" doc:"of a direct room: the other person"`

	// In lists, of rooms that the person is in.

	Read     *ReadMark     `json:"read,omitempty" doc:"how far the person has read"`
	Unread   uint64        `json:"unread,omitempty" doc:"messages behind it up to head, deleted ones too; absent: none"`
	Mentions int           `json:"mentions,omitempty" doc:"of them those that name the person; absent: none"`
	Last     *LastMessage  `json:"last,omitempty" doc:"the last message, when the person may read it"`
	Settings *RoomSettings `json:"settings,omitempty" doc:"how the person wants it to be shown; absent: not starred, not muted, told of all"`
	Draft    *MessageDraft `json:"draft,omitempty" doc:"what the person has begun to write; absent: there never was anything"`
}

// JoinAck answers joinRoom. The events asked for came before it as ordinary
// receiveMessage packets. While more is true the socket is not subscribed: ask
// again with the last cursor received.
type JoinAck struct {
	OK    bool      `json:"ok"`
	Room  *RoomInfo `json:"room,omitempty" doc:"the room as it is now" example:"{\"id\":1,\"name\":\"general\",\"kind\":\"public\",\"members\":2,\"role\":\"member\",\"head\":{\"seq\":2,\"n\":1,\"cursor\":\"2.KXeQbJ\"}}"`
	Head  *Head     `json:"head,omitempty" doc:"everything up to here was sent, live follows (unless more)" example:"{\"seq\":2,\"n\":1,\"cursor\":\"2.KXeQbJ\"}"`
	More  bool      `json:"more" doc:"there is more to catch up with, and nothing is subscribed yet" example:"false"`
	Gap   *Gap      `json:"gap,omitempty" doc:"with latest: these were left out before the first event sent"`
	Reset *Reset    `json:"reset,omitempty" doc:"alone: not subscribed"`
}

// SendAck answers sendMessage, editMessage and deleteMessage: the event is
// durable and has this place.
type SendAck struct {
	OK        bool   `json:"ok"`
	ID        string `json:"id" doc:"public id of the event" example:"Hkp0bBoLV8R4VXtghNZT"`
	Seq       uint64 `json:"seq" doc:"its number in the room" example:"3"`
	Cursor    string `json:"cursor" doc:"of the event itself; it does not say that what is before it was received" example:"3.WCDaXB"`
	At        int64  `json:"at" doc:"ms UTC" example:"1767225600000"`
	Duplicate bool   `json:"duplicate,omitempty" doc:"it was sent before; this is the first answer again"`
}

// Event is what receiveMessage carries. Which fields are present depends on
// kind; a client must pass over kinds it does not know, counting their seq.
//
// The kinds edit and delete change the message targetSeq. They carry what it
// says at the position of the answer (an edit of a message that is deleted by
// then: deleted and no text), and rev, the seq of its last change there. A
// client takes that if rev is greater than the one it has of the message. An
// event about a message that the person may not read is {seq, cursor,
// kind:"hidden", roomId}.
//
// The kinds gap and reset are no events of the room and have no seq of their
// own: {kind:"gap", roomId, from, to} stands before the first event behind the
// hole; {kind:"reset", roomId, reason, head} ends the subscription.
type Event struct {
	Seq      uint64 `json:"seq,omitempty" doc:"number in the room, 1, 2, 3 … without a hole" example:"2"`
	N        uint64 `json:"n,omitempty" doc:"messages in the room up to here; of a message its own number" example:"1"`
	Cursor   string `json:"cursor,omitempty" doc:"everything up to seq" example:"2.KXeQbJ"`
	RoomName string `json:"roomName,omitempty" doc:"display data" example:"general"`
	UserName string `json:"userName,omitempty" doc:"display name of the sender, display data" example:"Ann"`

	Kind        string   `json:"kind" doc:"message, create, join, leave, … void, hidden, gap, reset" example:"message"`
	RoomID      int64    `json:"roomId" example:"1"`
	UserID      int64    `json:"userId,omitempty" doc:"who did it" example:"1"`
	CID         string   `json:"cid,omitempty" doc:"the sender's own id of the event" example:"01989b2e-7a61-7c3e-9d1f-5b8a4c2e6f01"`
	ID          string   `json:"id,omitempty" doc:"public id of the event" example:"Hkp0bBoLV8R4VXtghNZT"`
	MAC         string   `json:"mac,omitempty" doc:"for the server only"`
	At          int64    `json:"at,omitempty" doc:"ms UTC, shown, orders nothing" example:"1767225600000"`
	MessageText string   `json:"messageText,omitempty" doc:"message, edit: what the message says now" example:"Good morning"`
	ReplyTo     string   `json:"replyTo,omitempty" doc:"message: id of the one that it answers"`
	Mentions    []int64  `json:"mentions,omitempty" doc:"message, edit: ids of people"`
	TargetSeq   uint64   `json:"targetSeq,omitempty" doc:"edit, delete, react, unreact, pin, unpin: seq of the message"`
	TargetUser  int64    `json:"targetUser,omitempty" doc:"invite, kick, ban, unban, role: who it happened to; of a change to a message: its author"`
	Rev         uint64   `json:"rev,omitempty" doc:"message, edit, delete: seq of the last change of the message"`
	Deleted     bool     `json:"deleted,omitempty" doc:"message, edit: the message is deleted and has no text"`
	Name        string   `json:"name,omitempty" doc:"create, rename: the room's name"`
	RoomKind    string   `json:"roomKind,omitempty" doc:"create, visibility: public, private, direct or group"`
	Role        string   `json:"role,omitempty" doc:"role: owner, admin, member"`
	Topic       string   `json:"topic,omitempty" doc:"create, topic"`
	Emoji       string   `json:"emoji,omitempty" doc:"react, unreact"`
	Members     []Member `json:"members,omitempty" doc:"create: who is in from the start"`

	From   uint64 `json:"from,omitempty" doc:"gap"`
	To     uint64 `json:"to,omitempty" doc:"gap"`
	Reason string `json:"reason,omitempty" doc:"reset"`
	Head   *Head  `json:"head,omitempty" doc:"reset"`
}

// Member is one person's place in a room.
type Member struct {
	UserID int64  `json:"userId"`
	Role   string `json:"role" doc:"owner, admin, member"`
}

// PageAck answers getMessages: every event between the first and the last
// message of the page, in seq order. Events are the same JSON as in
// receiveMessage.
type PageAck struct {
	OK         bool              `json:"ok"`
	Events     []json.RawMessage `json:"events" ts:"Event[]"`
	AsOf       uint64            `json:"asOf" doc:"seq: the answer is exact at this position" example:"2"`
	Head       Head              `json:"head"`
	MoreBefore bool              `json:"moreBefore" doc:"older messages exist" example:"false"`
	MoreAfter  bool              `json:"moreAfter" doc:"newer messages exist" example:"false"`
}

// RecentAck answers getRecentMessages, newest first.
type RecentAck struct {
	OK       bool           `json:"ok"`
	Messages []TurboMessage `json:"messages"`
}

// OnlineAck answers getOnlineUsers.
type OnlineAck struct {
	OK    bool           `json:"ok"`
	Users []OnlinePerson `json:"users"`
}

// PresenceChange tells sockets that have the room open what changed since the
// last one. A full list comes with getOnlineUsers.
type PresenceChange struct {
	RoomID  int64          `json:"roomId" example:"1"`
	Online  []OnlinePerson `json:"online" doc:"who came, or is shown otherwise: with another status, name or picture"`
	Offline []int64        `json:"offline" doc:"ids of who went" example:"[2]"`
}

// RoomRemovedNotice says that the person is no longer in, or cannot see, a room.
type RoomRemovedNotice struct {
	RoomID int64 `json:"roomId"`
}

// DrainingNotice asks the client to come back after a moment: the server stops.
type DrainingNotice struct {
	ReconnectAfter float64 `json:"reconnectAfter" doc:"seconds" example:"1.5"`
}

// ProblemNotice says why the server is about to close the socket. Codes:
// unauthorized, revoked, slow, protocol, draining, tooMany; and expiring,
// which closes nothing: renew the token with authenticate.
type ProblemNotice struct {
	Code      string `json:"code" example:"expiring"`
	Message   string `json:"message" doc:"for people" example:"Your token ends in 59 seconds. Renew it with authenticate."`
	Reconnect bool   `json:"reconnect" doc:"whether connecting again can help" example:"true"`
}
