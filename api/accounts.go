package api

import (
	"context"
	"net/http"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

func (a *api) routeAccounts() {
	const tag = "Signing in"
	open(a, operation{
		id: "register", method: http.MethodPost, path: "/api/v1/register", tag: tag, status: http.StatusCreated, ownPages: true,
		title: "Make an account and sign in",
		codes: []chat.Code{chat.Forbidden, chat.Conflict, chat.Busy},
	}, a.register)
	open(a, operation{
		id: "login", method: http.MethodPost, path: "/api/v1/login", tag: tag, ownPages: true,
		title: "Sign in",
		about: "Starts a session: an access token for the header Authorization, and a cookie with which a browser renews it.",
		codes: []chat.Code{chat.Unauthorized, chat.Busy},
	}, a.login)
	open(a, operation{
		id: "refresh", method: http.MethodPost, path: "/api/v1/refresh", tag: tag, ownPages: true,
		title: "Go on with the session of the cookie",
		about: "The cookie is replaced at each use. One that was replaced before ends its session: somebody has a copy.",
		codes: []chat.Code{chat.Unauthorized},
	}, a.refresh)
	open(a, operation{
		id: "logout", method: http.MethodPost, path: "/api/v1/logout", tag: tag, ownPages: true,
		title: "End the session",
		about: "Ends the session of the access token and that of the cookie, whichever is there.",
	}, a.logout)
}

type credentialsIn struct {
	Body protocol.Credentials
}

// signedInOut gives a browser its tokens: one to show, one to keep.
type signedInOut struct {
	CookieOut
	Body protocol.SignedIn
}

// register makes an account and signs it in.
func (a *api) register(ctx context.Context, in *credentialsIn) (*signedInOut, error) {
	r := requestOf(ctx)
	signedIn, err := a.cfg.Auth.Register(ctx, in.Body.Email, in.Body.Password, in.Body.Invite, client(r))
	if err != nil {
		return nil, err
	}
	return a.welcome(r, signedIn), nil
}

// login starts a session.
func (a *api) login(ctx context.Context, in *credentialsIn) (*signedInOut, error) {
	r := requestOf(ctx)
	signedIn, err := a.cfg.Auth.Login(ctx, in.Body.Email, in.Body.Password, client(r))
	if err != nil {
		return nil, err
	}
	return a.welcome(r, signedIn), nil
}

// refresh goes on with the session of the cookie.
func (a *api) refresh(ctx context.Context, in *CookieIn) (*signedInOut, error) {
	r := requestOf(ctx)
	signedIn, err := a.cfg.Auth.Refresh(ctx, in.Refresh, client(r))
	if chat.AsError(err).Code == chat.Unauthorized {
		refused := newProblem(a.refusal(r, err), requestID(r))
		refused.cookies = a.clearRefresh(r).Cookie
		return nil, refused
	}
	if err != nil {
		return nil, err
	}
	return a.welcome(r, signedIn), nil
}

// logout ends the session of the access token, and that of the cookie. Whoever
// has neither is signed out already.
func (a *api) logout(ctx context.Context, in *CookieIn) (*CookieOut, error) {
	r := requestOf(ctx)
	if token := auth.TokenFromHeader(r.Header.Get("Authorization")); token != "" {
		who, err := a.cfg.Auth.Verify(ctx, token)
		if err == nil {
			err = a.cfg.Auth.Logout(ctx, who.Session)
		}
		if err != nil && chat.AsError(err).Code != chat.Unauthorized {
			return nil, err
		}
	}
	if in.Refresh == "" {
		return &CookieOut{}, nil
	}
	if err := a.cfg.Auth.LogoutRefresh(ctx, in.Refresh, client(r)); err != nil {
		return nil, err
	}
	out := a.clearRefresh(r)
	return &out, nil
}

func (a *api) welcome(r *http.Request, in auth.SignedIn) *signedInOut {
	return &signedInOut{
		CookieOut: a.setRefresh(r, in),
		Body: protocol.SignedIn{
			Token:     in.Token,
			ExpiresAt: in.ExpiresAt.UnixMilli(),
			User:      self(in.User, in.Role),
		},
	}
}
