package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/parleychat/parley/chat"
)

// decode reads a JSON body of at most 128 KiB into a struct, strictly.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	// Also a guard against forms of other sites: a page cannot send this type
	// to another origin without asking first.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return chat.Errorf(chat.Invalid, "Send JSON, with the header Content-Type: application/json.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return chat.Errorf(chat.TooLarge, "The body is larger than %d KiB.", maxBody>>10)
	case err != nil:
		return chat.Errorf(chat.Invalid, "The body did not arrive as a whole.")
	}
	return chat.DecodeStrict(body, into)
}

// pathRoom reads the room's id in the path. What is no id is a room that does
// not exist.
func pathRoom(r *http.Request) (chat.RoomID, error) {
	id, err := strconv.ParseInt(r.PathValue("room"), 10, 64)
	if err != nil || id <= 0 {
		return 0, chat.Errorf(chat.NotFound, "There is no such room, or you are not in it.")
	}
	return chat.RoomID(id), nil
}
