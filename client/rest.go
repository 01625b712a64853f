package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/parleychat/parley/protocol"
)

// maxAnswer is the longest answer that is taken, on sockets and over REST, in
// bytes: a page of the longest messages.
const maxAnswer = 32 << 20

// REST makes one call of the REST API as the signed-in person, and reads the
// answer into the struct that answer points to, unless it is nil. The path is
// like /api/v1/rooms. It does not repeat anything but a call whose token was
// refused. A refusal is a *[Refused].
func (c *Client) REST(ctx context.Context, method, path string, body, answer any) error {
	token, err := c.cfg.Token(ctx, "")
	if err != nil {
		return err
	}
	r := request{method: method, url: c.cfg.URL + path, token: token, body: body}
	err = call(ctx, c.cfg.HTTPClient, r, answer)
	if !isUnauthorized(err) {
		return err
	}
	if r.token, err = c.cfg.Token(ctx, token); err != nil {
		return err
	}
	return call(ctx, c.cfg.HTTPClient, r, answer)
}

// CreateRoom makes a room. With a CID it can be repeated safely: the same one
// again is answered with the same room.
func (c *Client) CreateRoom(ctx context.Context, wanted protocol.CreateRoom) (protocol.RoomInfo, error) {
	var room protocol.RoomInfo
	err := c.REST(ctx, http.MethodPost, "/api/v1/rooms", wanted, &room)
	return room, err
}

// Rooms lists public rooms and those that the person is in.
func (c *Client) Rooms(ctx context.Context) ([]protocol.RoomInfo, error) {
	var list protocol.RoomList
	err := c.REST(ctx, http.MethodGet, "/api/v1/rooms", nil, &list)
	return list.Rooms, err
}

type request struct {
	method, url string
	token       string
	body        any
}

func call(ctx context.Context, by *http.Client, r request, answer any) error {
	err := exchange(ctx, by, r, answer)
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.method, r.url, err)
	}
	return nil
}

func exchange(ctx context.Context, by *http.Client, r request, answer any) error {
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	response, err := by.Do(req)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return refusedWith(response, text)
	}
	if answer == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// refusedWith reads a problem (RFC 9457). What has no code is no answer of a
// Parley server, maybe of a proxy before it.
func refusedWith(response *http.Response, text []byte) error {
	var problem protocol.ProblemDetails
	if err := json.Unmarshal(text, &problem); err != nil || problem.Code == "" {
		return errors.New("answered " + response.Status)
	}
	return &Refused{Code: problem.Code, Message: problem.Detail, RetryAfter: seconds(problem.RetryAfter)}
}
