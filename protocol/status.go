package protocol

// StatusRequest says how the person wants to be shown to others. What is absent
// stays; with neither it asks only. It is the payload of setStatus, and the body
// of PATCH /api/v1/me/status.
type StatusRequest struct {
	Status       *string `json:"status,omitempty" doc:"online, away or dnd (do not disturb); others see it while the person is online" example:"away"`
	HideLastSeen *bool   `json:"hideLastSeen,omitempty" doc:"keep from others, and forget, when the person was last online"`
}

// OwnStatus is what the person has chosen, on all of their devices. statusChanged
// carries it to the others.
type OwnStatus struct {
	Status       string `json:"status" doc:"online, away or dnd" example:"away"`
	HideLastSeen bool   `json:"hideLastSeen" doc:"whether others are kept from seeing when the person was last online" example:"false"`
	Rev          uint64 `json:"rev" doc:"counts the choices: the greatest is the last" example:"1"`
}

// StatusAck answers setStatus.
type StatusAck struct {
	OK bool `json:"ok"`
	OwnStatus
}

// OnlinePerson is somebody who is online.
type OnlinePerson struct {
	PersonInfo
	Status string `json:"status" doc:"online, away or dnd (do not disturb)" example:"online"`
}
