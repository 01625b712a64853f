package protocol

// Shapes of Turbo-Chat, whose clients work unchanged. A socket whose first
// joinRoom comes without an acknowledgement callback gets these.

// TurboEvent is receiveMessage as Turbo-Chat's clients know it.
type TurboEvent struct {
	RoomName    string `json:"roomName"`
	MessageText string `json:"messageText"`
	UserMail    string `json:"userMail"`
	IsEvent     bool   `json:"isEvent"`
}

// TurboMessage is a message in its history and in recentMessages.
type TurboMessage struct {
	ID          uint64 `json:"id" doc:"the seq" example:"2"`
	MessageText string `json:"message_text" example:"Good morning"`
	SenderMail  string `json:"sender_mail" example:"ann@example.org"`
	IsEvent     bool   `json:"is_event" example:"false"`
	RoomName    string `json:"room_name" example:"general"`
	CreatedAt   string `json:"createdAt" doc:"ISO 8601, UTC, milliseconds" example:"2026-01-01T00:00:00.000Z"`
	UpdatedAt   string `json:"updatedAt" example:"2026-01-01T00:00:00.000Z"`
}

// TurboOnline is onlineUsers as Turbo-Chat's clients know it.
type TurboOnline struct {
	RoomName string   `json:"roomName" example:"general"`
	Users    []string `json:"users" doc:"e-mail addresses, or handles with --show-email nobody" example:"[\"ann@example.org\"]"`
}

// TurboRoom is a room in its REST answers.
type TurboRoom struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
}
