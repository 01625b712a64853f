package api

import (
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parleychat/parley/chat"
)

// number is a whole number in an address: documented as one, and read by the
// call, which knows what to say when it is none.
type number string

// Schema implements [huma.SchemaProvider].
func (number) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
}

func (n number) given() bool { return n != "" }

// positive reads a number from 1 on.
func (n number) positive() (int64, bool) {
	value, err := strconv.ParseInt(string(n), 10, 64)
	return value, err == nil && value > 0
}

// pageSize reads how many entries of a list are wanted, clamped to
// 1–[chat.MaxPage].
func (n number) pageSize() (int, error) {
	if !n.given() {
		return chat.DefaultPage, nil
	}
	size, err := strconv.ParseInt(string(n), 10, 64)
	if err != nil {
		return 0, chat.Errorf(chat.Invalid, "limit is a number, 1 to %d.", chat.MaxPage)
	}
	return int(min(max(size, 1), chat.MaxPage)), nil
}

// RoomPath is the room of an address. Like every part that inputs have in
// common it is exported, for huma looks into nothing else.
type RoomPath struct {
	Room number `path:"room" doc:"the room's id"`
}

// room reads the id. What is no id is a room that does not exist.
func (p RoomPath) room() (chat.RoomID, error) {
	id, ok := p.Room.positive()
	if !ok {
		return 0, chat.Errorf(chat.NotFound, "There is no such room, or you are not in it.")
	}
	return chat.RoomID(id), nil
}

// Idempotency is how a call that changes something can be repeated safely.
type Idempotency struct {
	Key string `header:"Idempotency-Key" doc:"the same as cid in the body: repeating a request with the same one does it once"`
}

// cid is the client's id of a change: in the body, or in the header, whose
// value may stand in quotes.
func (i Idempotency) cid(inBody string) (string, error) {
	key := strings.Trim(i.Key, `"`)
	switch {
	case key == "":
		return inBody, nil
	case inBody != "" && inBody != key:
		return "", chat.Errorf(chat.Invalid, "The cid and the header Idempotency-Key are the same thing; they differ.")
	}
	return key, nil
}

// answer is a body with the status of its own.
type answer[T any] struct {
	Status int
	Body   T
}

// said is a body with the operation's status.
type said[T any] struct {
	Body T
}

func say[T any](body T) *said[T] { return &said[T]{Body: body} }

// nothing is what a call takes or gives that has no more to say.
type nothing struct{}
