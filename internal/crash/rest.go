package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/parleychat/parley/protocol"
)

// restTime bounds one call; the server answers within 10 s, if only unknown.
const restTime = 20 * time.Second

// rest makes REST calls at wherever the server is now.
type rest struct{ client http.Client }

// refusedError is an answer with a code.
type refusedError struct{ protocol.ProblemDetails }

func (e *refusedError) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Detail) }

// call sends body, if any, and reads the answer. Its error is a *refusedError,
// or says that there was no answer.
func (r *rest) call(ctx context.Context, base, token, method, path string, body, answer any) error {
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

// refreshCookie carries the refresh token.
const refreshCookie = "parley_refresh"

// signIn is call for what is answered with a refresh token, and may show one.
func (r *rest) signIn(ctx context.Context, base, path string, body any, refresh string, answer any) (string, error) {
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
func (r *rest) do(request *http.Request, answer any) (*http.Response, error) {
	response, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		refusal := new(refusedError)
		if err := json.NewDecoder(response.Body).Decode(&refusal.ProblemDetails); err != nil || refusal.Code == "" {
			return nil, fmt.Errorf("%s %s answered %s without a code: %v", request.Method, request.URL.Path, response.Status, err)
		}
		return nil, refusal
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return nil, fmt.Errorf("%s %s: %w", request.Method, request.URL.Path, err)
	}
	return response, nil
}
