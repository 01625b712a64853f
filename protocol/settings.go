package protocol

// Payloads about how a person wants rooms to be shown to them.

// RoomSettings is how a person wants a room to be shown; nobody else learns of
// it. Of two of a room the one with the greater Version is the later.
type RoomSettings struct {
	Starred bool   `json:"starred" doc:"among the first of their rooms" example:"true"`
	Muted   bool   `json:"muted" doc:"quiet: only messages that name the person count" example:"false"`
	Notify  string `json:"notify" doc:"of which messages the person wants to be told: all, mentions, none" example:"all"`
	Place   int64  `json:"place" doc:"where it stands among the starred: those with less come first, of equals the one with the smaller id" example:"16777216"`
	Version uint64 `json:"version" doc:"rises with every change" example:"1"`
}

// ChangeSettingsBody is the body of PATCH /api/v1/rooms/{room}/settings. What is
// absent stays.
type ChangeSettingsBody struct {
	Starred *bool   `json:"starred,omitempty" example:"true"`
	Muted   *bool   `json:"muted,omitempty"`
	Notify  *string `json:"notify,omitempty" doc:"all, mentions or none"`
	Place   *int64  `json:"place,omitempty" doc:"where it stands among the starred, between the places of two others for example; a room that gets a star comes last" minimum:"-9007199254740991" maximum:"9007199254740991"`
}

// ChangeSettingsRequest changes how the person wants a room to be shown. What is
// absent stays.
type ChangeSettingsRequest struct {
	RoomRef
	ChangeSettingsBody
}

// SettingsOfRoom are the person's settings of a room.
type SettingsOfRoom struct {
	RoomID   int64        `json:"roomId" example:"1"`
	Settings RoomSettings `json:"settings"`
}

// SettingsAck answers changeSettings.
type SettingsAck struct {
	OK bool `json:"ok"`
	SettingsOfRoom
}
