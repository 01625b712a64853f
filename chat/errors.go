package chat

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Code is the stable name of a refusal, the same on sockets, in REST answers
// and in the documents made from [Codes].
type Code string

const (
	Invalid      Code = "invalid"
	Unauthorized Code = "unauthorized"
	Forbidden    Code = "forbidden"
	NotFound     Code = "not_found"
	Conflict     Code = "conflict"
	CIDConflict  Code = "cid_conflict"
	TooLarge     Code = "too_large"
	Gone         Code = "gone"
	RateLimited  Code = "rate_limited"
	Busy         Code = "busy"
	Unavailable  Code = "unavailable"
	Unknown      Code = "unknown"
	Internal     Code = "internal"
)

// CodeInfo is one row of [Codes].
type CodeInfo struct {
	Code    Code
	Status  int    // HTTP status
	Final   bool   // the same request will never succeed; otherwise: again, with the same cid
	Meaning string // for people
}

// Codes lists every refusal with its meaning. Documents are generated from it.
var Codes = []CodeInfo{
	{Invalid, http.StatusBadRequest, true, "The request is not well formed; the message says what to change."},
	{Unauthorized, http.StatusUnauthorized, false, "Sign in, or renew the token, and try again."},
	{Forbidden, http.StatusForbidden, true, "You may not do this here."},
	{NotFound, http.StatusNotFound, true, "There is no such thing, or you may not see it."},
	{Conflict, http.StatusConflict, true, "It is already taken."},
	{CIDConflict, http.StatusConflict, true, "This cid was used before for something else; a new event needs a new cid."},
	{TooLarge, http.StatusRequestEntityTooLarge, true, "The request is larger than the limit."},
	{Gone, http.StatusGone, true, "What this refers to was deleted."},
	{RateLimited, http.StatusTooManyRequests, false, "Too many requests; wait retryAfter seconds, then send the same cid again."},
	{Busy, http.StatusServiceUnavailable, false, "The server has too much to do; send the same cid again."},
	{Unavailable, http.StatusServiceUnavailable, false, "A part of the server cannot be reached right now; send the same cid again."},
	{Unknown, http.StatusGatewayTimeout, false, "It is not known whether this took effect; send the same cid again with retry."},
	{Internal, http.StatusInternalServerError, false, "Something went wrong in the server; send the same cid again."},
}

// Info returns the row of the code; an unlisted code is Internal.
func (c Code) Info() CodeInfo {
	for _, info := range Codes {
		if info.Code == c {
			return info
		}
	}
	return Internal.Info()
}

// Final reports whether asking again with the same cid is useless.
func (c Code) Final() bool { return c.Info().Final }

// Error is a refusal meant for people: a code, a sentence that says what to
// do, and for passing refusals a time to wait. Every other error is an
// internal one and is shown to nobody.
type Error struct {
	Code       Code
	Message    string
	RetryAfter time.Duration // zero: not said
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Errorf makes a refusal.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// AsError finds the refusal in err's chain. Any other error becomes Internal
// with a message that tells nothing; the caller logs the original.
func AsError(err error) *Error {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal
	}
	return &Error{Code: Internal, Message: Internal.Info().Meaning}
}
