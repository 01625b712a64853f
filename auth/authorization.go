package auth

import "strings"

// TokenFromHeader finds the access token in the value of an Authorization
// header, "" when there is none. It takes the standard form of RFC 6750, 2.1
// with the scheme in any case, and, as Turbo-Chat's clients send it, the
// token alone. A header of another scheme holds no token of ours.
func TokenFromHeader(value string) string {
	value = strings.TrimSpace(value)
	scheme, token, found := strings.Cut(value, " ")
	if !found {
		if strings.EqualFold(value, "bearer") {
			return ""
		}
		return value
	}
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
