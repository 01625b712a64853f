package api

import (
	"context"
	"net/http"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

func (a *api) routeStatus() {
	const tag = "People"
	personal(a, operation{
		id: "getStatus", method: http.MethodGet, path: "/api/v1/me/status", tag: tag,
		title: "How one is shown to others",
	}, a.status)
	personal(a, operation{
		id: "setStatus", method: http.MethodPatch, path: "/api/v1/me/status", tag: tag,
		title: "Set how one is shown to others",
		about: "It stays until it is set anew. Others see it while one is online: in lists of members, and on sockets that have a room open by presence. The person's devices are told by statusChanged.",
		codes: []chat.Code{chat.Invalid, chat.Unknown},
	}, a.setStatus)
}

// status tells how somebody wants to be shown.
func (a *api) status(ctx context.Context, who auth.Identity, _ *nothing) (*said[protocol.OwnStatus], error) {
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	return a.answerStatus(ctx, who, protocol.StatusRequest{})
}

type statusIn struct {
	Body protocol.StatusRequest
}

// setStatus takes how somebody wants to be shown.
func (a *api) setStatus(ctx context.Context, who auth.Identity, in *statusIn) (*said[protocol.OwnStatus], error) {
	if in.Body == (protocol.StatusRequest{}) {
		return nil, chat.Errorf(chat.Invalid, "Say what to change: status or hideLastSeen.")
	}
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	return a.answerStatus(ctx, who, in.Body)
}

func (a *api) answerStatus(ctx context.Context, who auth.Identity, req protocol.StatusRequest) (*said[protocol.OwnStatus], error) {
	own, err := a.cfg.SetStatus(ctx, who.User.ID, req)
	if err != nil {
		return nil, err
	}
	return say(own), nil
}
