package protocol

// Payloads of the REST calls about rooms and their members.

// CreateRoom is the body of POST /api/v1/rooms.
type CreateRoom struct {
	Kind    string  `json:"kind,omitempty" doc:"public, private or group; public when absent" example:"public"`
	Name    string  `json:"name,omitempty" doc:"a group may be without one" minLength:"1" maxLength:"80" example:"Garden"`
	Topic   string  `json:"topic,omitempty" maxLength:"250" example:"All and everything"`
	Members []int64 `json:"members,omitempty" doc:"ids of the people who are in from the start beside oneself; not for public rooms"`
	CID     string  `json:"cid,omitempty" doc:"client's id of the creation, for safe retries"`
}

// OpenDirectRequest finds or makes the room of two people. Both hear of a new
// one by roomAdded; join it like any other. It is the body of POST
// /api/v1/directs and of the socket event openDirect.
type OpenDirectRequest struct {
	UserID int64 `json:"userId" doc:"the other person" example:"2"`
}

// OpenDirectAck answers openDirect.
type OpenDirectAck struct {
	OK        bool     `json:"ok"`
	Room      RoomInfo `json:"room"`
	Duplicate bool     `json:"duplicate,omitempty" doc:"it was there before"`
}

// ChangeRoom is the body of PATCH /api/v1/rooms/{room}: one of its fields,
// beside cid and retry.
type ChangeRoom struct {
	Name     *string `json:"name,omitempty" minLength:"1" maxLength:"80"`
	Topic    *string `json:"topic,omitempty" doc:"none to remove it" maxLength:"250" example:"What is new"`
	Kind     *string `json:"kind,omitempty" doc:"public or private"`
	Archived *bool   `json:"archived,omitempty"`
	Attempt
}

// Attempt is how a change can be repeated safely.
type Attempt struct {
	CID   string `json:"cid,omitempty" doc:"client's id of the change"`
	Retry bool   `json:"retry,omitempty" doc:"an earlier attempt with this cid may be under way"`
}

// InviteMember is the body of POST /api/v1/rooms/{room}/members.
type InviteMember struct {
	UserID int64 `json:"userId"`
	Attempt
}

// SetRole is the body of PATCH /api/v1/rooms/{room}/members/{user}.
type SetRole struct {
	Role string `json:"role" doc:"owner, admin or member" example:"admin"`
	Attempt
}

// Changed answers a change of a room or of its members when every list shows
// it.
type Changed struct {
	OK        bool   `json:"ok"`
	Seq       uint64 `json:"seq" doc:"of the event; with already, of the room's last event"`
	Cursor    string `json:"cursor"`
	Already   bool   `json:"already,omitempty" doc:"the room was like that before; there is no event"`
	Duplicate bool   `json:"duplicate,omitempty" doc:"it was done before with this cid; this is the first answer again"`
}

// RoomList answers GET /api/v1/rooms: public rooms and those the person is in.
type RoomList struct {
	Rooms []RoomInfo `json:"rooms"`
}

// RoomPage answers GET /api/v1/public-rooms.
type RoomPage struct {
	Rooms []RoomInfo `json:"rooms"`
	Next  string     `json:"next,omitempty" doc:"cursor of the next page; absent on the last one"`
}

// PersonInfo is how a person is shown to others.
type PersonInfo struct {
	ID      int64  `json:"id" example:"1"`
	Name    string `json:"name" doc:"display name" example:"Ann"`
	Handle  string `json:"handle" doc:"unique, without the @" example:"ann"`
	Picture string `json:"picture,omitempty" doc:"id of the person's picture, at /api/v1/pictures/{picture}; absent: none"`
}

// MemberInfo is a member of a room.
type MemberInfo struct {
	PersonInfo
	Role     string `json:"role" doc:"owner, admin, member"`
	From     uint64 `json:"from" doc:"seq of the latest join"`
	Status   string `json:"status" doc:"online, away, dnd (do not disturb) or offline"`
	LastSeen int64  `json:"lastSeen,omitempty" doc:"ms UTC, to the minute: when somebody who is offline was last online; for members of the room alone, and only of people who let others see it"`
}

// MemberPage answers GET /api/v1/rooms/{room}/members.
type MemberPage struct {
	Members []MemberInfo `json:"members"`
	Next    string       `json:"next,omitempty" doc:"cursor of the next page; absent on the last one"`
}

// BanPage answers GET /api/v1/rooms/{room}/bans.
type BanPage struct {
	People []PersonInfo `json:"people"`
	Next   string       `json:"next,omitempty" doc:"cursor of the next page; absent on the last one"`
}

// NewLink is the body of POST /api/v1/rooms/{room}/links.
type NewLink struct {
	Lasts int64 `json:"lasts,omitempty" doc:"seconds until it ends, a minute to 90 days; 7 days when absent"`
	Uses  int   `json:"uses,omitempty" doc:"how many people may use it, 1 to 10,000; 100 when absent"`
}

// LinkInfo is a link into a room.
type LinkInfo struct {
	ID        int64  `json:"id"`
	CreatedBy int64  `json:"createdBy"`
	ExpiresAt int64  `json:"expiresAt" doc:"ms UTC"`
	UsesLeft  int    `json:"usesLeft"`
	Token     string `json:"token,omitempty" doc:"only in the answer to its making"`
}

// LinkList answers GET /api/v1/rooms/{room}/links.
type LinkList struct {
	Links []LinkInfo `json:"links"`
}

// LinkToken is the body of POST /api/v1/links/look and /api/v1/links/join: a
// token stands in no address, where it would be logged.
type LinkToken struct {
	Token string `json:"token"`
}

// LinkedRoom answers POST /api/v1/links/look: where a link leads.
type LinkedRoom struct {
	RoomID int64  `json:"roomId"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
}
