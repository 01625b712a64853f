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
	ID          uint64 `json:"id" doc:"the seq"`
	MessageText string `json:"message_text"`
	SenderMail  string `json:"sender_mail"`
	IsEvent     bool   `json:"is_event"`
	RoomName    string `json:"room_name"`
	CreatedAt   string `json:"createdAt" doc:"ISO 8601, UTC, milliseconds"`
	UpdatedAt   string `json:"updatedAt"`
}

// TurboOnline is onlineUsers as Turbo-Chat's clients know it.
type TurboOnline struct {
	RoomName string   `json:"roomName"`
	Users    []string `json:"users" doc:"e-mail addresses, or handles with --show-email nobody"`
}

// TurboRoom is a room in its REST answers.
type TurboRoom struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
}
