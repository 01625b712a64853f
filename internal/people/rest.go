package people

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/parleychat/parley/protocol"
)

// restTime bounds one call; the server answers within 10 s, if only unknown.
const restTime = 20 * time.Second

// REST makes REST calls at wherever the server is now.
type REST struct {
	Client http.Client
	// Saw is told of every answer to whoever has a token, before it is read; nil:
	// nobody.
	Saw func(token string, raw []byte)
}

// RefusedError is an answer with a code.
type RefusedError struct{ protocol.ProblemDetails }

func (e *RefusedError) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Detail) }

// Call sends body, if any, and reads the answer, if one is wanted. Its error is a *RefusedError,
// or says that there was no answer.
func (r *REST) Call(ctx context.Context, base, token, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, restTime)
	defer cancel()
	request, err := newRequest(ctx, method, base+path, body)
	if err != nil {
		return err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	_, err = r.do(request, answer)
	return err
}

// Repeat is Call without a body, of what is done once however often it is asked
// for with the same key.
func (r *REST) Repeat(ctx context.Context, base, token, method, path, key string, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, restTime)
	defer cancel()
	request, err := newRequest(ctx, method, base+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Idempotency-Key", key)
	_, err = r.do(request, answer)
	return err
}

// refreshCookie carries the refresh token.
const refreshCookie = "parley_refresh"

// SignIn is Call for what is answered with a refresh token, and may show one.
func (r *REST) SignIn(ctx context.Context, base, path string, body any, refresh string, answer any) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, restTime)
	defer cancel()
	request, err := newRequest(ctx, http.MethodPost, base+path, body)
	if err != nil {
		return "", err
	}
	if refresh != "" {
		request.AddCookie(&http.Cookie{Name: refreshCookie, Value: refresh})
	}
	response, err := r.do(request, answer)
	if err != nil {
		return "", err
	}
	for _, cookie := range response.Cookies() {
		if cookie.Name == refreshCookie {
			return cookie.Value, nil
		}
	}
	return "", fmt.Errorf("%s was answered without a refresh token", path)
}

func newRequest(ctx context.Context, method, url string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	return request, nil
}

// do reads the answer, whose head it returns.
func (r *REST) do(request *http.Request, answer any) (*http.Response, error) {
	response, err := r.Client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if r.Saw != nil {
		r.Saw(strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer "), raw)
	}
	if response.StatusCode >= 300 {
		refusal := new(RefusedError)
		if err := json.Unmarshal(raw, &refusal.ProblemDetails); err != nil || refusal.Code == "" {
			return nil, fmt.Errorf("%s %s answered %s without a code: %.200s", request.Method, request.URL.Path, response.Status, raw)
		}
		return nil, refusal
	}
	if answer == nil {
		return response, nil
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return nil, fmt.Errorf("%s %s: %w", request.Method, request.URL.Path, err)
	}
	return response, nil
}
