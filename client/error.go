package client

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/parleychat/parley/protocol"
)

var (
	// ErrClosed is the end of what was closed on this side.
	ErrClosed = errors.New("client: closed")
	// ErrRemoved is the end of a room that the person may not read any more.
	ErrRemoved = errors.New("client: no longer in the room")
	// ErrUnknown stands in the error about something that was on its way when
	// its room ended: it may have happened. Asking again in the same room, with
	// the same cid and [Draft.Retry], finds out.
	ErrUnknown = errors.New("client: it is not known whether this took effect")
	// ErrFull means that 1,000 drafts wait in the room already.
	ErrFull = errors.New("client: too many messages wait to be sent")

	errCut = errors.New("client: the connection was cut")
)

// Refused is what the server said no to, on the socket or over REST.
type Refused struct {
	Code       string // as in the documents
	Message    string // for people; it says what to do
	RetryAfter time.Duration
}

func (e *Refused) Error() string { return "refused: " + e.Code + ": " + e.Message }

// Final reports whether the same request will never succeed.
func (e *Refused) Final() bool { return slices.Contains(finalCodes, e.Code) }

var finalCodes = []string{"invalid", "forbidden", "not_found", "conflict", "cid_conflict", "too_large", "gone"}

func refusedBy(info protocol.ErrorInfo) *Refused {
	return &Refused{Code: info.Code, Message: info.Message, RetryAfter: seconds(info.RetryAfter)}
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// isFinal reports whether err is a refusal for good.
func isFinal(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) && refused.Final()
}

// retryAfter is how long err asks to wait, 0 when it does not say.
func retryAfter(err error) time.Duration {
	var refused *Refused
	if !errors.As(err, &refused) {
		return 0
	}
	return refused.RetryAfter
}

// isUnauthorized reports whether the token is the reason.
func isUnauthorized(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) && isCredentialCode(refused.Code)
}

func isCredentialCode(code string) bool { return code == "unauthorized" || code == "revoked" }

// wrap says in which room something failed.
func (r *Room) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("room %d: %w", r.id, err)
}
