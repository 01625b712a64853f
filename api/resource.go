package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
)

// call answers one request, or says why not.
type call func(w http.ResponseWriter, r *http.Request) error

// personalCall is a call of somebody who is signed in.
type personalCall func(w http.ResponseWriter, r *http.Request, who auth.Identity) error

// methods are the calls of one path; a path without any does not exist.
type methods map[string]call

// resource dispatches by method. refuse writes what a call could not do in the
// form that its clients know.
func (a *api) resource(calls methods, refuse func(http.ResponseWriter, *chat.Error)) http.Handler {
	allowed := make([]string, 0, len(calls)+1)
	for method := range calls {
		allowed = append(allowed, method)
	}
	if calls["GET"] != nil {
		allowed = append(allowed, "HEAD")
	}
	slices.Sort(allowed)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		run := calls[method]
		switch {
		case len(calls) == 0:
			run = func(http.ResponseWriter, *http.Request) error {
				return chat.Errorf(chat.NotFound, "There is no call at this address.")
			}
		case run == nil:
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			refuse(w, errMethod)
			return
		}
		if err := run(w, r); err != nil {
			refuse(w, a.refusal(r, err))
		}
	})
}

// signedIn lets only people in who show a valid access token.
func (a *api) signedIn(next personalCall) call {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, err := a.whoIs(r)
		if err != nil {
			return err
		}
		return next(w, r, who)
	}
}

// whoIs tells whose access token a request shows.
func (a *api) whoIs(r *http.Request) (auth.Identity, error) {
	token := auth.TokenFromHeader(r.Header.Get("Authorization"))
	if token == "" {
		return auth.Identity{}, errNoToken
	}
	who, err := a.cfg.Auth.Verify(r.Context(), token)
	if err != nil {
		return auth.Identity{}, err
	}
	// So that what they do now carries their name.
	a.cfg.Hub.KnowPeople(who.User)
	return who, nil
}

// client is where the request comes from, for the limits on signing in.
func client(r *http.Request) auth.Client {
	return auth.Client{Addr: RemoteAddr(r), UserAgent: r.UserAgent()}
}
