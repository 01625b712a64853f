package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

func (a *api) routeLinks() {
	const tag = "Signing in"
	open(a, operation{
		id: "setup", method: http.MethodPost, path: "/api/v1/setup", tag: tag, ownPages: true,
		title: "Become the first owner",
		about: "With the token of the link that a server without an owner prints when it starts. All such links end with it. On a server without rooms the owner finds one, general, with a message that says what to do first.",
		codes: []chat.Code{chat.Unauthorized, chat.Forbidden, chat.Conflict, chat.Busy},
	}, a.setup)
	open(a, operation{
		id: "reset", method: http.MethodPost, path: "/api/v1/reset", tag: tag, ownPages: true,
		title: "Set a new password with a reset link",
		about: "The link is good once, for a day. All sessions of the person end, and a new one begins.",
		codes: []chat.Code{chat.Unauthorized, chat.Forbidden, chat.Busy},
	}, a.reset)
}

type setupIn struct {
	Body protocol.Setup
}

// setup makes the first owner.
func (a *api) setup(ctx context.Context, in *setupIn) (*signedInOut, error) {
	r := requestOf(ctx)
	signedIn, err := a.cfg.Auth.SetUp(ctx, in.Body.Token, in.Body.Email, in.Body.Password, client(r))
	if err != nil {
		return nil, err
	}
	a.makeFirstRoom(ctx)
	return a.welcome(r, signedIn), nil
}

// firstRoomTime is how long the answer to a setup waits for the first room.
const firstRoomTime = 5 * time.Second

// makeFirstRoom makes the room that the new owner finds. Should it fail, the
// server does it a little later, and the owner is there already.
func (a *api) makeFirstRoom(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, firstRoomTime)
	defer cancel()
	if err := a.cfg.Rooms.MakeFirst(ctx); err != nil {
		a.logger.WarnContext(ctx, "the first room is not made yet", slog.Any("error", err))
	}
}

type resetIn struct {
	Body protocol.LinkPassword
}

// reset sets a password with a reset link.
func (a *api) reset(ctx context.Context, in *resetIn) (*signedInOut, error) {
	r := requestOf(ctx)
	signedIn, err := a.cfg.Auth.Reset(ctx, in.Body.Token, in.Body.Password, client(r))
	if err != nil {
		return nil, err
	}
	return a.welcome(r, signedIn), nil
}

// Links that people are handed. What is behind # is not sent by browsers: no
// token comes to stand in the logs of proxies.
const (
	resetLink  = "/reset#token="
	inviteLink = "/join#invite="
)

// link makes an address of this server, as the one who asks knows it.
func (a *api) link(r *http.Request, path string) string {
	if a.cfg.PublicURL != "" {
		return a.cfg.PublicURL + path
	}
	scheme := "http://"
	if a.cfg.Secure || OverTLS(r) {
		scheme = "https://"
	}
	return scheme + r.Host + path
}
