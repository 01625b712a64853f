package api

import (
	"net/http"

	"github.com/parleychat/parley/auth"
)

// refreshCookie carries the refresh token of a browser. Scripts cannot read it,
// other sites cannot have it sent, and it goes to the API alone.
const refreshCookie = "parley_refresh"

// CookieOut is an answer's part that sets or removes it.
type CookieOut struct {
	Cookie []http.Cookie `header:"Set-Cookie" doc:"the refresh token, HttpOnly"`
}

// CookieIn is a request's part that carries it.
type CookieIn struct {
	Refresh string `cookie:"parley_refresh" doc:"the refresh token that a browser was given"`
}

func (a *api) setRefresh(r *http.Request, in auth.SignedIn) CookieOut {
	return CookieOut{a.refreshCookie(r, in.Refresh, int(in.RefreshExpiresAt.Sub(a.now()).Seconds()))}
}

func (a *api) clearRefresh(r *http.Request) CookieOut {
	return CookieOut{a.refreshCookie(r, "", -1)}
}

func (a *api) refreshCookie(r *http.Request, value string, maxAge int) []http.Cookie {
	return []http.Cookie{{
		Name:     refreshCookie,
		Value:    value,
		Path:     "/api/v1/",
		MaxAge:   maxAge,
		HttpOnly: true,
		Secure:   a.cfg.Secure || OverTLS(r),
		SameSite: http.SameSiteStrictMode,
	}}
}
