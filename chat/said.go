package chat

import "encoding/json"

// Text is what a message says in its present form: empty for every other event
// and for a deleted message.
func (e *Event) Text() string {
	var said struct {
		MessageText string `json:"messageText"`
	}
	if e.Kind != KindMessage || e.Body == nil || json.Unmarshal(e.Body, &said) != nil {
		return ""
	}
	return said.MessageText
}
