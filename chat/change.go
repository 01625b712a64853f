package chat

import (
	"bytes"
	"fmt"

	"github.com/parleychat/parley/internal/planted"
)

// Members of a value that hold what was said, and those that stay when it is
// deleted: a list of what may stay is safe when there are new members.
var (
	saidMembers = map[string]bool{"messageText": true, "mentions": true}
	stayMembers = map[string]bool{
		"kind": true, "roomId": true, "userId": true, "cid": true, "id": true, "at": true,
		"replyTo": true, "thread": true,
	}
)

// Edited is the message in its form after the edit: the edit's text, and its
// seq as Rev. A message that is deleted, or has seen this edit, stays as it is.
func (e *Event) Edited(edit *Event) (*Event, error) {
	if e.Deleted || e.Rev >= edit.Seq && !planted.RevIgnored {
		return e, nil
	}
	said, err := filterMembers(edit.Body, func(key string) bool { return saidMembers[key] })
	if err != nil {
		return nil, fmt.Errorf("read edit %d of room %d: %w", edit.Seq, edit.Room, err)
	}
	rest, err := filterMembers(e.Body, func(key string) bool { return !saidMembers[key] })
	if err != nil {
		return nil, fmt.Errorf("edit message %d of room %d: %w", e.Seq, e.Room, err)
	}
	changed := *e
	changed.Rev = edit.Seq
	changed.Body = joinObjects(rest, said)
	return &changed, nil
}

// Erased is the message in its form after the deletion del: no text, no
// mentions, no mac; its number, author and time stay.
func (e *Event) Erased(del *Event) (*Event, error) {
	if e.Deleted {
		return e, nil
	}
	body, err := filterMembers(e.Body, func(key string) bool { return stayMembers[key] })
	if err != nil {
		return nil, fmt.Errorf("erase message %d of room %d: %w", e.Seq, e.Room, err)
	}
	erased := *e
	erased.Rev = del.Seq
	erased.Deleted = true
	erased.Body = body
	return &erased, nil
}

// StoredBody is the body that the store keeps: all of it, but of an edit
// without the text, which lives in the message alone so that it is erased with
// it.
func (e *Event) StoredBody() ([]byte, error) {
	if e.Kind != KindEdit || e.Void() {
		return e.Body, nil
	}
	body, err := filterMembers(e.Body, func(key string) bool { return !saidMembers[key] })
	if err != nil {
		return nil, fmt.Errorf("take the text out of edit %d of room %d: %w", e.Seq, e.Room, err)
	}
	return body, nil
}

// Untold is an edit without the text that it brought: what stays of it when its
// message is deleted.
func (e *Event) Untold() (*Event, error) {
	body, err := e.StoredBody()
	if err != nil {
		return nil, err
	}
	untold := *e
	untold.Body = body
	return &untold, nil
}

// Retold is an edit as somebody gets it who comes later: with what its message
// says now and the seq of the last change as Rev, for the text that it brought
// may have been changed again, or be gone. Of the message only Rev, Deleted and
// what was said are looked at.
func (e *Event) Retold(message *Event) (*Event, error) {
	if message.Rev < e.Seq {
		return e, nil // it changed nothing: no such message was there
	}
	now := &Event{Room: e.Room, Seq: message.Rev, Body: message.Body}
	if message.Deleted {
		now.Body = []byte("{}")
	}
	bare := *e
	bare.Rev = 0
	retold, err := bare.Edited(now)
	if err != nil {
		return nil, fmt.Errorf("retell edit %d of room %d: %w", e.Seq, e.Room, err)
	}
	retold.Deleted = message.Deleted
	return retold, nil
}

// IsChange reports whether the event has changed what a message says.
func (e *Event) IsChange() bool {
	return !e.Void() && (e.Kind == KindEdit || e.Kind == KindDelete)
}

// HiddenFrom reports whether the event is about a message that a person may not
// read who reads from the event from on: they get it as [Event.Hidden].
func (e *Event) HiddenFrom(from Seq) bool {
	return !e.Void() && e.TargetSeq != 0 && e.TargetSeq < from
}

// Hidden is what a person gets of an event about a message that they may not
// read: that there was one.
func (e *Event) Hidden() *Event {
	return &Event{Room: e.Room, Seq: e.Seq, N: e.N, Chain: e.Chain, Kind: KindHidden}
}

// filterMembers copies an object with the members that keep wants, byte for
// byte and in their order.
func filterMembers(body []byte, keep func(key string) bool) ([]byte, error) {
	filtered := make([]byte, 1, len(body))
	filtered[0] = '{'
	s := jsonScanner{data: body}
	err := s.members(func(key, member, _ []byte) {
		if !keep(string(key)) {
			return
		}
		if len(filtered) > 1 {
			filtered = append(filtered, ',')
		}
		filtered = append(filtered, member...)
	})
	if err != nil {
		return nil, err
	}
	return append(filtered, '}'), nil
}

// joinObjects puts the members of b behind those of a.
func joinObjects(a, b []byte) []byte {
	if len(b) <= len("{}") {
		return a
	}
	joined := append(bytes.Clone(a[:len(a)-1]), ',')
	return append(joined, b[1:]...)
}
