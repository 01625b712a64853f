package api

import (
	"net/http"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

// register makes an account and signs it in.
func (a *api) register(w http.ResponseWriter, r *http.Request) error {
	var body protocol.Credentials
	if err := decode(w, r, &body); err != nil {
		return err
	}
	in, err := a.cfg.Auth.Register(r.Context(), body.Email, body.Password, client(r))
	if err != nil {
		return err
	}
	a.welcome(w, r, http.StatusCreated, in)
	return nil
}

// login starts a session.
func (a *api) login(w http.ResponseWriter, r *http.Request) error {
	var body protocol.Credentials
	if err := decode(w, r, &body); err != nil {
		return err
	}
	in, err := a.cfg.Auth.Login(r.Context(), body.Email, body.Password, client(r))
	if err != nil {
		return err
	}
	a.welcome(w, r, http.StatusOK, in)
	return nil
}

// refresh goes on with the session of the cookie.
func (a *api) refresh(w http.ResponseWriter, r *http.Request) error {
	in, err := a.cfg.Auth.Refresh(r.Context(), refreshToken(r), client(r))
	if err != nil {
		if chat.AsError(err).Code == chat.Unauthorized {
			a.clearRefresh(w, r)
		}
		return err
	}
	a.welcome(w, r, http.StatusOK, in)
	return nil
}

// logout ends the session of the access token, and that of the cookie. Whoever
// has neither is signed out already.
func (a *api) logout(w http.ResponseWriter, r *http.Request) error {
	if token := auth.TokenFromHeader(r.Header.Get("Authorization")); token != "" {
		who, err := a.cfg.Auth.Verify(r.Context(), token)
		if err == nil {
			err = a.cfg.Auth.Logout(r.Context(), who.Session)
		}
		if err != nil && chat.AsError(err).Code != chat.Unauthorized {
			return err
		}
	}
	if refresh := refreshToken(r); refresh != "" {
		if err := a.cfg.Auth.LogoutRefresh(r.Context(), refresh, client(r)); err != nil {
			return err
		}
		a.clearRefresh(w, r)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// me tells who is signed in.
func (a *api) me(w http.ResponseWriter, _ *http.Request, who auth.Identity) error {
	writeJSON(w, http.StatusOK, self(who.User))
	return nil
}

// welcome gives a browser its tokens: one to show, one to keep.
func (a *api) welcome(w http.ResponseWriter, r *http.Request, status int, in auth.SignedIn) {
	a.setRefresh(w, r, in)
	writeJSON(w, status, protocol.SignedIn{
		Token:     in.Token,
		ExpiresAt: in.ExpiresAt.UnixMilli(),
		User:      self(in.User),
	})
}

func self(p chat.Person) protocol.Self {
	return protocol.Self{ID: int64(p.ID), Email: p.Email, Name: p.Name, Handle: p.Handle}
}
