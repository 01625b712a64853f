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
func (n number) pageSize() (int, error) { return n.size(chat.DefaultPage, chat.MaxPage) }

// size reads how many of something are wanted, clamped to 1–most.
func (n number) size(absent, most int) (int, error) {
	if !n.given() {
		return absent, nil
	}
	size, err := strconv.ParseInt(string(n), 10, 64)
	if err != nil {
		return 0, chat.Errorf(chat.Invalid, "limit is a number, 1 to %d.", most)
	}
	return int(min(max(size, 1), int64(most))), nil
}

// pageOf reads the place and the length of a page of a list that goes by ids.
func pageOf(after, limit number) (id int64, size int, err error) {
	if after.given() {
		var ok bool
		if id, ok = after.positive(); !ok {
			return 0, 0, chat.Errorf(chat.Invalid, "after is what the page before gave as next.")
		}
	}
	size, err = limit.pageSize()
	return id, size, err
}

// nextAfter is the cursor behind a page that ends with this id.
func nextAfter[ID ~int64](last ID) string { return strconv.FormatInt(int64(last), 10) }

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

// MemberPath is a person in the room of an address.
type MemberPath struct {
	RoomPath
	User number `path:"user" doc:"the person's id"`
}

// person reads the person's id. What is no id is a person there is not.
func (p MemberPath) person() (chat.UserID, error) {
	id, ok := p.User.positive()
	if !ok {
		return 0, chat.Errorf(chat.NotFound, "There is no such person.")
	}
	return chat.UserID(id), nil
}

// Idempotency is how a call that changes something can be repeated safely.
type Idempotency struct {
	Key string `header:"Idempotency-Key" doc:"the same as cid in the body: repeating a request with the same one does it once"`
}

// cid is the client's id of a change: in the body, or in the header.
func (i Idempotency) cid(inBody string) (string, error) {
	key := i.key()
	switch {
	case key == "":
		return inBody, nil
	case inBody != "" && inBody != key:
		return "", chat.Errorf(chat.Invalid, "The cid and the header Idempotency-Key are the same thing; they differ.")
	}
	return key, nil
}

// key is the header alone, whose value may stand in quotes: the cid of calls
// without a body.
func (i Idempotency) key() string { return strings.Trim(i.Key, `"`) }

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
