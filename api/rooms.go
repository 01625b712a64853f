package api

import (
	"net/http"
	"strings"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/rooms"
)

// listRooms lists public rooms and those that the person is in.
func (a *api) listRooms(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	if err := a.countRead(who.User.ID); err != nil {
		return err
	}
	list, err := a.cfg.Rooms.List(r.Context(), who.User.ID)
	if err != nil {
		return err
	}
	answer := protocol.RoomList{Rooms: make([]protocol.RoomInfo, 0, len(list))}
	for _, room := range list {
		answer.Rooms = append(answer.Rooms, roomInfo(room))
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// createRoom makes a public room: 201, or 200 when an earlier attempt with this
// cid made it.
func (a *api) createRoom(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	var body protocol.CreateRoom
	if err := decode(w, r, &body); err != nil {
		return err
	}
	if err := a.countChange(who.User.ID); err != nil {
		return err
	}
	cid, err := idempotencyKey(r, body.CID)
	if err != nil {
		return err
	}
	room, duplicate, err := a.cfg.Rooms.Create(r.Context(), who.User.ID, body.Name, cid)
	if err != nil {
		return err
	}
	writeJSON(w, created(duplicate), roomInfo(room))
	return nil
}

// room describes one room.
func (a *api) room(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	id, err := pathRoom(r)
	if err != nil {
		return err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return err
	}
	room, err := a.cfg.Rooms.ByID(r.Context(), who.User.ID, id)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, roomInfo(room))
	return nil
}

func roomInfo(room rooms.Room) protocol.RoomInfo {
	return protocol.RoomInfo{
		ID:        int64(room.ID),
		Name:      room.Name,
		Kind:      string(room.Kind),
		Topic:     room.Topic,
		Archived:  room.Archived,
		Members:   room.Members,
		Role:      string(room.Role),
		Head:      protocol.Head{Seq: uint64(room.Head.Seq), N: room.Head.N, Cursor: room.Head.Cursor().String()},
		CreatedAt: room.CreatedAt,
	}
}

// idempotencyKey is the cid of a call that changes something: in the body, or
// in the header Idempotency-Key, whose value may stand in quotes.
func idempotencyKey(r *http.Request, cid string) (string, error) {
	key := strings.Trim(r.Header.Get("Idempotency-Key"), `"`)
	switch {
	case key == "":
		return cid, nil
	case cid != "" && cid != key:
		return "", chat.Errorf(chat.Invalid, "The cid and the header Idempotency-Key are the same thing; they differ.")
	}
	return key, nil
}

func created(duplicate bool) int {
	if duplicate {
		return http.StatusOK
	}
	return http.StatusCreated
}
