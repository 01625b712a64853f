package protocol

// Payloads about what people have begun to write.

// MessageDraft is what a person has begun to write in a room; nobody else learns
// of it. Of two of a room the one with the greater Version is the later.
type MessageDraft struct {
	Text    string `json:"text" doc:"as it was typed; empty: none" example:"Good mor"`
	Version uint64 `json:"version" doc:"rises with every change; 0: there never was one" example:"1767225600000"`
	At      int64  `json:"at" doc:"ms UTC, when the change was asked for" example:"1767225600000"`
	Long    bool   `json:"long,omitempty" doc:"in lists: more than 512 bytes, and text is left out; GET /api/v1/rooms/{room}/draft has it"`
}

// SetDraftBody is the body of PUT /api/v1/rooms/{room}/draft.
type SetDraftBody struct {
	Text  *string `json:"text" doc:"as it stands in the composer; empty: none any more" maxLength:"10000" example:"Good mor"`
	Basis *uint64 `json:"basis,omitempty" doc:"the version that the device knew: an empty text takes away nothing later; absent: whatever there is"`
}

// SetDraftRequest says what the person has begun to write in a room that they
// are in. The last one counts. The answer is the draft as it is then.
type SetDraftRequest struct {
	RoomRef
	SetDraftBody
}

// DraftOfRoom is what the person has begun to write in a room.
type DraftOfRoom struct {
	RoomID int64        `json:"roomId" example:"1"`
	Draft  MessageDraft `json:"draft"`
}

// DraftAck answers setDraft.
type DraftAck struct {
	OK bool `json:"ok"`
	DraftOfRoom
}
