package protocol

// SyncRequest is what a client asks that comes back: for its rooms with what is
// unread, and for what it missed in those that it holds. From then on this
// connection hears of all of the person's rooms: of those that it has joined
// by every event, of the others by roomChanged.
type SyncRequest struct {
	Rooms  []RoomCursor `json:"rooms,omitempty" doc:"the rooms that the device holds, the most important first, at most 2,000"`
	Latest int          `json:"latest,omitempty" doc:"of a room in which more than 500 events were missed: everything from the so-many-th last message on (1 to 200), 50 when absent"`
	After  int64        `json:"after,omitempty" doc:"next of the answer before, for the next page of the list"`
}

// RoomCursor is what a device holds of a room.
type RoomCursor struct {
	RoomID int64  `json:"roomId"`
	Since  string `json:"since" doc:"cursor of the last event that the device has of the room"`
}

// SyncAck answers sync. What was missed came before it as ordinary
// receiveMessage packets. Counts hold everything that was acknowledged before
// the question; what changes after it comes behind the answer, as receiveMessage,
// roomChanged, readChanged, roomAdded and roomRemoved.
type SyncAck struct {
	OK       bool       `json:"ok"`
	CaughtUp []CaughtUp `json:"caughtUp" doc:"one for each room of the request, in its order, and for each direct room and group of the list that was joined beside them"`
	Rooms    []RoomInfo `json:"rooms" doc:"a page of the rooms that the person is in, by id"`
	Next     int64      `json:"next,omitempty" doc:"after of the next page; absent on the last one"`
}

// CaughtUp is how it stands with one room of a sync.
type CaughtUp struct {
	RoomID int64      `json:"roomId"`
	Joined bool       `json:"joined" doc:"everything up to head was sent, live follows"`
	Head   *Head      `json:"head,omitempty" doc:"when joined"`
	Gap    *Gap       `json:"gap,omitempty" doc:"what was left out because too much was missed"`
	More   bool       `json:"more,omitempty" doc:"the answer was full before this room: joinRoom with the same since, or sync again"`
	Reset  *Reset     `json:"reset,omitempty" doc:"not joined"`
	Error  *ErrorInfo `json:"error,omitempty" doc:"not joined; not_found: the person is not in the room any more"`
}

// RoomChanged tells a connection that has synced of a room that it has not
// joined, at most once a second, and of a room that it has joined when the
// person was mentioned there or has written there on another device: then it is
// with read, unread and mentions.
type RoomChanged struct {
	RoomID   int64        `json:"roomId"`
	Head     Head         `json:"head"`
	Last     *LastMessage `json:"last,omitempty" doc:"the last message, when it is a late one"`
	Read     *ReadMark    `json:"read,omitempty"`
	Unread   uint64       `json:"unread,omitempty" doc:"with read; absent: none"`
	Mentions int          `json:"mentions,omitempty" doc:"with read; absent: none"`
}

// OwnRoomPage answers GET /api/v1/me/rooms.
type OwnRoomPage struct {
	Rooms []RoomInfo `json:"rooms"`
	Next  string     `json:"next,omitempty" doc:"cursor of the next page; absent on the last one"`
}
