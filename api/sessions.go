package api

import (
	"context"
	"net/http"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/protocol"
)

func (a *api) routeSessions() {
	const tag = "Sessions"
	personal(a, operation{
		id: "listSessions", method: http.MethodGet, path: "/api/v1/me/sessions", tag: tag,
		title: "Where one is signed in",
	}, a.listSessions)
	personal(a, operation{
		id: "endSession", method: http.MethodDelete, path: "/api/v1/me/sessions/{session}", tag: tag,
		title: "End one session",
		about: "Its tokens are worthless and its sockets closed when this is answered.",
	}, a.endSession)
	personal(a, operation{
		id: "endOtherSessions", method: http.MethodDelete, path: "/api/v1/me/other-sessions", tag: tag,
		title: "End all sessions but this one",
	}, a.endOtherSessions)
	personal(a, operation{
		id: "endSessions", method: http.MethodDelete, path: "/api/v1/me/sessions", tag: tag, ownPages: true,
		title: "Sign out everywhere",
		about: "Ends all sessions, this one too.",
	}, a.endSessions)
}

// listSessions lists where somebody is signed in.
func (a *api) listSessions(ctx context.Context, who auth.Identity, _ *nothing) (*said[protocol.SessionList], error) {
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	sessions, err := a.cfg.Auth.Sessions(ctx, who.User.ID)
	if err != nil {
		return nil, err
	}
	list := protocol.SessionList{Sessions: make([]protocol.SessionInfo, 0, len(sessions))}
	for _, s := range sessions {
		list.Sessions = append(list.Sessions, protocol.SessionInfo{
			ID:        s.SID,
			Present:   s.SID == who.Session,
			UserAgent: s.UserAgent,
			CreatedAt: s.CreatedAt,
			UsedAt:    s.UsedAt,
			ExpiresAt: s.ExpiresAt,
		})
	}
	return say(list), nil
}

type sessionPath struct {
	Session string `path:"session" doc:"the session's id"`
}

// endSession ends one session of the person.
func (a *api) endSession(ctx context.Context, who auth.Identity, in *sessionPath) (*nothing, error) {
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	return nil, a.cfg.Auth.LogoutSession(ctx, who.User.ID, in.Session)
}

// endOtherSessions ends all sessions of the person but this one.
func (a *api) endOtherSessions(ctx context.Context, who auth.Identity, _ *nothing) (*nothing, error) {
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	return nil, a.cfg.Auth.LogoutOthers(ctx, who)
}

// endSessions ends all sessions of the person.
func (a *api) endSessions(ctx context.Context, who auth.Identity, _ *nothing) (*CookieOut, error) {
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	if err := a.cfg.Auth.LogoutEverywhere(ctx, who); err != nil {
		return nil, err
	}
	out := a.clearRefresh(requestOf(ctx))
	return &out, nil
}
