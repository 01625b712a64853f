package api

import (
	"net/http"
	"time"

	"github.com/parleychat/parley/auth"
)

// refreshCookie carries the refresh token of a browser. Scripts cannot read it,
// other sites cannot have it sent, and it goes to the API alone.
const refreshCookie = "parley_refresh"

func setRefresh(w http.ResponseWriter, r *http.Request, in auth.SignedIn, now time.Time) {
	http.SetCookie(w, &http.Cookie{
		Name:     refreshCookie,
		Value:    in.Refresh,
		Path:     "/api/v1/",
		MaxAge:   int(in.RefreshExpiresAt.Sub(now).Seconds()),
		HttpOnly: true,
		Secure:   overTLS(r),
		SameSite: http.SameSiteStrictMode,
	})
}

func clearRefresh(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name:     refreshCookie,
		Path:     "/api/v1/",
		MaxAge:   -1,
		HttpOnly: true,
		Secure:   overTLS(r),
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
