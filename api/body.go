package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/parleychat/parley/chat"
)

// body reads the JSON body of a request, at most so many bytes of it.
func body(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	// Also a guard against forms of other sites: a page cannot send this type
	// to another origin without asking first.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, chat.Errorf(chat.Invalid, "Send JSON, with the header Content-Type: application/json.")
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, chat.Errorf(chat.TooLarge, "The body is larger than %d KiB.", most>>10)
	case err != nil:
		return nil, chat.Errorf(chat.Invalid, "The body did not arrive as a whole.")
	}
	return text, nil
}

// decode reads a JSON body into a struct, strictly.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	text, err := body(w, r, maxBody)
	if err != nil {
		return err
	}
	return chat.DecodeStrict(text, into)
}

// readBody reads the body in front of huma, which would take any type, or
// none, for JSON.
func (a *api) readBody(ctx huma.Context, next func(huma.Context)) {
	if ctx.Operation().RequestBody == nil {
		next(ctx)
		return
	}
	r, w := humago.Unwrap(ctx)
	text, err := body(w, r, ctx.Operation().MaxBodyBytes-1)
	if err == nil && len(text) == 0 {
		err = chat.Errorf(chat.Invalid, "This must be an object: {…}.")
	}
	if err != nil {
		refuseProblem(w, a.refusal(r, err))
		return
	}
	next(bodyRead{humaContext: ctx, text: bytes.NewReader(text)})
}

// humaContext can be embedded under a name that is not that of its method
// Context.
type humaContext huma.Context

// bodyRead is a request whose body is in memory.
type bodyRead struct {
	humaContext
	text *bytes.Reader
}

// Unwrap lets humago find the request in it.
func (b bodyRead) Unwrap() huma.Context { return b.humaContext }

// BodyReader is what huma reads from.
func (b bodyRead) BodyReader() io.Reader { return b.text }

// strictJSON is how huma decodes and encodes.
var strictJSON = huma.Format{
	Unmarshal: func(text []byte, into any) error {
		if err := chat.DecodeStrict(text, into); err != nil {
			return errors.New(chat.AsError(err).Message) // huma keeps no more of it
		}
		return nil
	},
	Marshal: func(w io.Writer, payload any) error {
		text, err := json.Marshal(payload)
		if err != nil {
			return err
		}
		// Whether the client is still there to read it is not our concern.
		_, _ = w.Write(text)
		return nil
	},
}
