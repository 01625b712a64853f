package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
)

// operation describes one call of /api/v1, for the router and for the document
// alike. What it takes and gives is said by the types of its function.
type operation struct {
	id     string // unique, for generated clients
	method string
	path   string
	tag    string // chapter of the reference
	title  string // one line
	about  string // what else there is to know
	status int    // of success; 0: 200, or 204 when there is no body
	// repeated: 200 instead of status says that an earlier request with the
	// same cid has done it.
	repeated bool
	// unchanged: 304 says that the caller has what would be answered.
	unchanged bool
	// ownPages refuses browsers that call for another site: the call reads or
	// sets the cookie.
	ownPages bool
	maxBody  int         // bytes; 0: maxBody
	codes    []chat.Code // refusals beside those of every call
}

// open registers a call that needs no token.
func open[In, Out any](a *api, op operation, run func(context.Context, *In) (*Out, error)) {
	mustBeSeen[In]()
	mustBeSeen[Out]()
	described := a.describe(op, chat.RateLimited, chat.Unavailable, chat.Internal)
	huma.Register(a.v1, described, func(ctx context.Context, in *In) (*Out, error) {
		out, err := run(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
	documentRepeated(op, described)
}

// personal registers a call of somebody who is signed in.
func personal[In, Out any](a *api, op operation, run func(context.Context, auth.Identity, *In) (*Out, error)) {
	mustBeSeen[In]()
	mustBeSeen[Out]()
	described := a.describe(op, chat.Unauthorized, chat.RateLimited, chat.Unavailable, chat.Internal)
	described.Security = []map[string][]string{{accessToken: {}}}
	described.Middlewares = append(described.Middlewares, a.identify)
	huma.Register(a.v1, described, func(ctx context.Context, in *In) (*Out, error) {
		out, err := run(ctx, ctx.Value(identityKey{}).(auth.Identity), in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
	documentRepeated(op, described)
}

// mustBeSeen makes sure that huma, which looks into exported parts alone, finds
// every part of an input or output.
func mustBeSeen[T any]() {
	part := reflect.TypeFor[T]()
	for i := range part.NumField() {
		if field := part.Field(i); field.Anonymous && !field.IsExported() {
			panic(fmt.Sprintf("api: %s embeds %s, which is not exported", part, field.Type))
		}
	}
}

// describe is the operation as huma takes it. huma routes, reads parameters,
// decodes with our decoder and encodes; what is valid is decided by the call,
// in words for people, so huma's own validation is off.
func (a *api) describe(op operation, always ...chat.Code) huma.Operation {
	a.calls = append(a.calls, op)
	if op.maxBody == 0 {
		op.maxBody = maxBody
	}
	described := huma.Operation{
		OperationID:        op.id,
		Method:             op.method,
		Path:               op.path,
		Summary:            op.title,
		Description:        op.about,
		Tags:               []string{op.tag},
		DefaultStatus:      op.status,
		SkipValidateBody:   true,
		SkipValidateParams: true,
		MaxBodyBytes:       int64(op.maxBody) + 1, // readBody lets no more pass than maxBody
		BodyReadTimeout:    -1,                    // the server's own time limit stands
		Responses:          make(map[string]*huma.Response),
		Middlewares:        huma.Middlewares{a.remember},
		Metadata:           map[string]any{ownAPI: a},
	}
	if op.unchanged {
		described.Responses[strconv.Itoa(http.StatusNotModified)] = &huma.Response{Description: "The caller has it: its ETag stands in If-None-Match."}
	}
	codes := slices.Concat(always, op.codes)
	if op.ownPages {
		described.Middlewares = append(described.Middlewares, a.checkSite)
		codes = append(codes, chat.Forbidden)
	}
	if strings.Contains(op.path, "{") {
		codes = append(codes, chat.NotFound)
	}
	if op.method != http.MethodGet && op.method != http.MethodDelete {
		codes = append(codes, chat.Invalid, chat.TooLarge)
	}
	documentRefusals(a.v1.OpenAPI().Components.Schemas, described.Responses, codes)
	described.Middlewares = append(described.Middlewares, a.readBody)
	return described
}

// documentRepeated says what 200 means beside the status of success. It is
// known once the operation is registered.
func documentRepeated(op operation, described huma.Operation) {
	if !op.repeated {
		return
	}
	first := described.Responses[strconv.Itoa(op.status)]
	described.Responses["200"] = &huma.Response{
		Description: "An earlier request with the same cid has done it; this is its answer.",
		Content:     first.Content,
	}
}

type requestKey struct{}

// requestOf is the request that a call answers.
func requestOf(ctx context.Context) *http.Request { return ctx.Value(requestKey{}).(*http.Request) }

// remember lets the call know its request.
func (a *api) remember(ctx huma.Context, next func(huma.Context)) {
	r, _ := humago.Unwrap(ctx)
	next(huma.WithValue(ctx, requestKey{}, r))
}

type identityKey struct{}

// identify lets only people in who show a valid access token, before anything
// else of the request is looked at.
func (a *api) identify(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	who, err := a.whoIs(r)
	if err != nil {
		refuseProblem(w, a.refusal(r, err))
		return
	}
	next(huma.WithValue(ctx, identityKey{}, who))
}

// checkSite refuses calls that a browser makes for another site.
func (a *api) checkSite(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	if err := a.crossSite.Check(r); err != nil {
		refuseProblem(w, chat.Errorf(chat.Forbidden, "Pages of this origin may not sign people in here. The server's --allow-origin says which may."))
		return
	}
	next(ctx)
}
