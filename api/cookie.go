package api

import (
	"net/http"

	"github.com/parleychat/parley/auth"
)

// refreshCookie carries the refresh token of a browser. Scripts cannot read it,
// other sites cannot have it sent, and it goes to the API alone.
const refreshCookie = "parley_refresh"

func (a *api) setRefresh(w http.ResponseWriter, r *http.Request, in auth.SignedIn) {
	http.SetCookie(w, &http.Cookie{
		Name:     refreshCookie,
		Value:    in.Refresh,
		Path:     "/api/v1/",
		MaxAge:   int(in.RefreshExpiresAt.Sub(a.now()).Seconds()),
		HttpOnly: true,
		Secure:   a.cfg.Secure || overTLS(r),
		SameSite: http.SameSiteStrictMode,
	})
}

func (a *api) clearRefresh(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name:     refreshCookie,
		Path:     "/api/v1/",
		MaxAge:   -1,
		HttpOnly: true,
		Secure:   a.cfg.Secure || overTLS(r),
		SameSite: http.SameSiteStrictMode,
	})
}

func refreshToken(r *http.Request) string {
	cookie, err := r.Cookie(refreshCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}
