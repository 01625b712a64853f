package api

import (
	"net/http"
	"time"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/rooms"
)

// The five calls of Turbo-Chat. docs/turbo-chat.md describes them.

// turboToken is what its clients get when they sign in. They keep the token and
// know no refresh.
type turboToken struct {
	Token string `json:"token"`
}

// turboRegister makes an account and signs it in at once.
func (a *api) turboRegister(w http.ResponseWriter, r *http.Request) error {
	var body protocol.Credentials
	if err := decode(w, r, &body); err != nil {
		return err
	}
	in, err := a.cfg.Auth.Register(r.Context(), body.Email, body.Password, body.Invite, client(r))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, turboToken{in.Token})
	return nil
}

// turboLogin starts a session. Whatever is wrong, it is "Invalid credentials";
// a part that is missing is 400.
func (a *api) turboLogin(w http.ResponseWriter, r *http.Request) error {
	var body protocol.Credentials
	if err := decode(w, r, &body); err != nil {
		return err
	}
	if body.Email == "" || body.Password == "" {
		return chat.Errorf(chat.Invalid, "Email and password are required")
	}
	in, err := a.cfg.Auth.Login(r.Context(), body.Email, body.Password, client(r))
	if refusal := chat.AsError(err); err != nil && refusal.Code == chat.Unauthorized {
		refuseTurboText(w, refusal, "Invalid credentials")
		return nil
	}
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, turboToken{in.Token})
	return nil
}

// turboCreate makes a public room.
func (a *api) turboCreate(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	var body protocol.CreateRoom
	if err := decode(w, r, &body); err != nil {
		return err
	}
	if err := a.countChange(who.User.ID); err != nil {
		return err
	}
	room, _, err := a.cfg.Rooms.Create(r.Context(), who.User.ID, rooms.Draft{Name: body.Name, CID: body.CID})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, turboRoom(room.Room))
	return nil
}

// turboRooms lists the rooms that the person can see.
func (a *api) turboRooms(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	if err := a.countRead(who.User.ID); err != nil {
		return err
	}
	list, err := a.cfg.Rooms.List(r.Context(), who.User.ID)
	if err != nil {
		return err
	}
	answer := make([]protocol.TurboRoom, 0, len(list))
	for _, room := range list {
		answer = append(answer, turboRoom(room.Room))
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// turboMessages answers the 20 newest messages, newest first. Its clients ask
// for them at each receiveMessage, so what was delivered is in them.
func (a *api) turboMessages(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	room, err := RoomPath{Room: number(r.PathValue("room"))}.room()
	if err != nil {
		return err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return err
	}
	page, err := a.cfg.Reader.Recent(r.Context(), who.User.ID, room, chat.DefaultRecent)
	if err != nil {
		return err
	}
	messages, err := a.cfg.Recent(r.Context(), page)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, messages)
	return nil
}

func turboRoom(room chat.Room) protocol.TurboRoom {
	return protocol.TurboRoom{
		ID:        int64(room.ID),
		Name:      room.Name,
		CreatedAt: isoTime(room.CreatedAt),
		UpdatedAt: isoTime(room.UpdatedAt),
	}
}

// isoTime is how Turbo-Chat writes a time: ISO 8601, UTC, milliseconds.
func isoTime(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
}
