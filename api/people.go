package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

func (a *api) routePeople() {
	const tag = "People"
	personal(a, operation{
		id: "getMe", method: http.MethodGet, path: "/api/v1/me", tag: tag,
		title: "Who is signed in",
	}, a.me)
	personal(a, operation{
		id: "changeMe", method: http.MethodPatch, path: "/api/v1/me", tag: tag,
		title: "Change one's name or handle",
		codes: []chat.Code{chat.Conflict},
	}, a.changeMe)
	personal(a, operation{
		id: "changePassword", method: http.MethodPut, path: "/api/v1/me/password", tag: tag,
		title: "Change one's password",
		about: "All other sessions end; their sockets are closed.",
		codes: []chat.Code{chat.Forbidden, chat.Conflict, chat.Busy},
	}, a.changePassword)
	personal(a, operation{
		id: "deleteMe", method: http.MethodDelete, path: "/api/v1/me", tag: tag, ownPages: true,
		title: "Delete one's account",
		about: "For ever. What the person said stays, from then on by a deleted user, who leaves all rooms but direct ones; rooms in which nobody else is are archived; address and handle are free. The last owner of the server, and who is the only owner of a room in which others are, hands that over first.",
		codes: []chat.Code{chat.Invalid, chat.TooLarge, chat.Forbidden, chat.Conflict, chat.Busy},
	}, a.deleteMe)
	personal(a, operation{
		id: "searchPeople", method: http.MethodGet, path: "/api/v1/people", tag: tag,
		title: "Search for people, page by page",
		about: "By the beginning of their handle or of a word of their name, whether one shares a room with them or not. It has a limit of its own, 30 a minute: it is for finding somebody, not for listing everybody.",
		codes: []chat.Code{chat.Invalid},
	}, a.searchPeople)
	personal(a, operation{
		id: "getUser", method: http.MethodGet, path: "/api/v1/users/{user}", tag: tag,
		title: "Who somebody is",
	}, a.userByID)
	personal(a, operation{
		id: "getUserByHandle", method: http.MethodGet, path: "/api/v1/handles/{handle}", tag: tag,
		title: "Who has a handle",
	}, a.userByHandle)
}

// me tells who is signed in.
func (a *api) me(_ context.Context, who auth.Identity, _ *nothing) (*said[protocol.Self], error) {
	return say(self(who.User, who.Role)), nil
}

type profileIn struct {
	Body protocol.ProfileChange
}

// changeMe changes how somebody is called; what they said before shows the new
// name where it is encoded from now on.
func (a *api) changeMe(ctx context.Context, who auth.Identity, in *profileIn) (*said[protocol.Self], error) {
	if in.Body.Name == nil && in.Body.Handle == nil {
		return nil, chat.Errorf(chat.Invalid, "Say what to change: name or handle.")
	}
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	user, err := a.cfg.Auth.SetProfile(ctx, who.User.ID, in.Body.Name, in.Body.Handle)
	if err != nil {
		return nil, err
	}
	a.cfg.Hub.KnowPeople(user.Person())
	a.cfg.ShownAnew(user.ID)
	return say(self(user.Person(), user.Role)), nil
}

type passwordIn struct {
	Body protocol.PasswordChange
}

// changePassword sets another password and ends the other sessions.
func (a *api) changePassword(ctx context.Context, who auth.Identity, in *passwordIn) (*nothing, error) {
	return nil, a.cfg.Auth.ChangePassword(ctx, who, in.Body.Present, in.Body.Wanted, client(requestOf(ctx)))
}

type confirmedIn struct {
	Body protocol.Confirmation
}

// deleteMe deletes the account.
func (a *api) deleteMe(ctx context.Context, who auth.Identity, in *confirmedIn) (*CookieOut, error) {
	r := requestOf(ctx)
	left, err := a.cfg.Auth.Delete(ctx, who, in.Body.Password, client(r))
	if err != nil {
		return nil, err
	}
	a.cfg.Hub.KnowPeople(left.Person())
	a.depart(ctx, who.User.ID)
	out := a.clearRefresh(r)
	return &out, nil
}

// departTime is how long the answer to a deletion waits for the rooms of the
// person. What takes longer follows behind it.
const departTime = 5 * time.Second

func (a *api) depart(ctx context.Context, user chat.UserID) {
	ctx, cancel := context.WithTimeout(ctx, departTime)
	defer cancel()
	if err := a.cfg.Rooms.Depart(ctx, user); err != nil {
		a.logger.WarnContext(ctx, "somebody whose account is deleted stays in rooms for now", slog.Int64("user", int64(user)), slog.Any("error", err))
	}
}

// UserPath is the person of an address, a part that inputs have in common.
type UserPath struct {
	User number `path:"user" doc:"the person's id"`
}

func (p UserPath) user() (chat.UserID, error) {
	id, ok := p.User.positive()
	if !ok {
		return 0, noSuchPerson()
	}
	return chat.UserID(id), nil
}

func noSuchPerson() *chat.Error {
	return chat.Errorf(chat.NotFound, "There is no such person.")
}

// userByID tells who somebody is, or was.
func (a *api) userByID(ctx context.Context, who auth.Identity, in *UserPath) (*said[protocol.User], error) {
	id, err := in.user()
	if err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	user, err := a.cfg.Auth.User(ctx, id)
	if err != nil {
		return nil, err
	}
	return say(a.profile(user.Person(), user.DeletedAt != 0)), nil
}

type handlePath struct {
	Handle string `path:"handle" doc:"with or without the @"`
}

// userByHandle tells who has a handle.
func (a *api) userByHandle(ctx context.Context, who auth.Identity, in *handlePath) (*said[protocol.User], error) {
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	handle, err := chat.NormalizeHandle(strings.TrimSpace(in.Handle))
	if err != nil {
		return nil, noSuchPerson()
	}
	user, err := a.cfg.Auth.UserByHandle(ctx, handle)
	if err != nil {
		return nil, err
	}
	return say(a.profile(user.Person(), false)), nil
}

type findIn struct {
	Search string `query:"search" required:"true" doc:"how a handle, or a word of a name, begins: at least 2 characters, whatever their case and accents; an @ before them is passed over" example:"ann"`
	After  string `query:"after" doc:"next of the page before"`
	Limit  number `query:"limit" doc:"people wanted, 1 to 50, 20 when absent"`
}

// searchPeople finds people by how they are called.
func (a *api) searchPeople(ctx context.Context, who auth.Identity, in *findIn) (*said[protocol.PeoplePage], error) {
	limit, err := in.Limit.size(auth.DefaultFound, auth.MaxFound)
	if err != nil {
		return nil, err
	}
	if err := a.countSearch(who.User.ID); err != nil {
		return nil, err
	}
	found, next, err := a.cfg.Auth.Find(ctx, who.User.ID, in.Search, in.After, limit)
	if err != nil {
		return nil, err
	}
	page := protocol.PeoplePage{People: make([]protocol.PersonInfo, 0, len(found)), Next: next}
	for _, p := range found {
		page.People = append(page.People, person(p))
	}
	return say(page), nil
}

// profile is what others see of somebody.
func (a *api) profile(p chat.Person, deleted bool) protocol.User {
	user := protocol.User{ID: int64(p.ID), Name: p.Name, Deleted: deleted}
	if !deleted {
		user.Handle, user.Picture = p.Handle, p.Picture
	}
	if a.cfg.ShowEmail {
		user.Email = p.Email
	}
	return user
}

func self(p chat.Person, role chat.ServerRole) protocol.Self {
	return protocol.Self{ID: int64(p.ID), Email: p.Email, Name: p.Name, Handle: p.Handle, Role: string(role), Picture: p.Picture}
}
