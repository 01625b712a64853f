package api

import (
	"context"
	"net/http"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/protocol"
)

func (a *api) routePeople() {
	const tag = "People"
	personal(a, operation{
		id: "getMe", method: http.MethodGet, path: "/api/v1/me", tag: tag,
		title: "Who is signed in",
	}, a.me)
}

// me tells who is signed in.
func (a *api) me(_ context.Context, who auth.Identity, _ *nothing) (*said[protocol.Self], error) {
	return say(self(who.User)), nil
}
