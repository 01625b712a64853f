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

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

// problem is a refusal on its way through huma.
type problem struct {
	protocol.ProblemDetails
	refusal *chat.Error
	cookies []http.Cookie
}

var (
	_ huma.StatusError       = (*problem)(nil)
	_ huma.HeadersError      = (*problem)(nil)
	_ huma.ContentTypeFilter = (*problem)(nil)
)

// problem finds what to tell of what a call could not do.
func (a *api) problem(ctx context.Context, err error) error {
	if found, ok := err.(*problem); ok {
		return found
	}
	r := requestOf(ctx)
	return newProblem(a.refusal(r, err), requestID(r))
}

func newProblem(refusal *chat.Error, request string) *problem {
	return &problem{ProblemDetails: problemDetails(refusal, request), refusal: refusal}
}

// Error implements error.
func (p *problem) Error() string { return p.refusal.Error() }

// GetStatus is the HTTP status.
func (p *problem) GetStatus() int { return p.Status }

// GetHeaders is what RFC 9110 asks for beside the status.
func (p *problem) GetHeaders() http.Header {
	header := make(http.Header)
	refusalHeaders(header, p.refusal)
	for _, cookie := range p.cookies {
		header.Add("Set-Cookie", cookie.String())
	}
	return header
}

// ContentType is RFC 9457's.
func (p *problem) ContentType(string) string { return problemJSON }

// problemJSON is the media type of refusals.
const problemJSON = "application/problem+json"

// huma makes its own errors with these two, which can only be replaced for the
// whole program. What is left for it to find is a body that our decoder
// refuses.
func init() {
	huma.NewError = func(_ int, message string, causes ...error) huma.StatusError {
		for _, cause := range causes {
			if detail, ok := cause.(*huma.ErrorDetail); ok {
				message = complaint(detail)
			}
		}
		return newProblem(chat.Errorf(chat.Invalid, "%s", message), "")
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, causes ...error) huma.StatusError {
		made := huma.NewError(status, message, causes...).(*problem)
		a, ours := ctx.Operation().Metadata[ownAPI].(*api)
		if !ours {
			return made
		}
		r, _ := humago.Unwrap(ctx)
		return newProblem(a.refusal(r, made.refusal), requestID(r))
	}
}

// complaint is what is wrong with a request. What our decoder says of a body
// names the field; of a parameter huma names it beside.
func complaint(detail *huma.ErrorDetail) string {
	_, parameter, found := strings.Cut(detail.Location, ".")
	if !found {
		return detail.Message
	}
	return fmt.Sprintf("The parameter %s cannot be read: %s.", parameter, detail.Message)
}

// ownAPI is where an operation's metadata has the api that it belongs to.
const ownAPI = "api"

// documentRefusals lists, by status, with which codes a call may be refused.
func documentRefusals(schemas huma.Registry, responses map[string]*huma.Response, codes []chat.Code) {
	schema := schemas.Schema(reflect.TypeFor[problem](), true, "")
	for _, info := range chat.Codes {
		if !slices.Contains(codes, info.Code) {
			continue
		}
		status := strconv.Itoa(info.Status)
		line := fmt.Sprintf("`%s`: %s", info.Code, info.Meaning)
		if former := responses[status]; former != nil {
			former.Description = strings.Join([]string{former.Description, line}, "\n\n")
			continue
		}
		responses[status] = &huma.Response{
			Description: line,
			Content:     map[string]*huma.MediaType{problemJSON: {Schema: schema}},
		}
	}
}
