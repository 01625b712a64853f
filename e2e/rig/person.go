package rig

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/parleychat/parley/protocol"
)

// Person is somebody with an account who is signed in.
type Person struct {
	t        testing.TB
	server   *Server
	ID       int64
	Name     string
	Email    string
	Password string
	Token    string
}

// Register makes an account name@example.com and signs it in.
func (s *Server) Register(name string) *Person {
	s.t.Helper()
	p := &Person{t: s.t, server: s, Name: name, Email: name + "@example.com", Password: "correct horse " + name}
	if err := p.signIn("/api/v1/register"); err != nil {
		s.t.Fatalf("register %s: %v", name, err)
	}
	return p
}

// SignIn signs somebody in on this server who registered on another one with
// the same data.
func (s *Server) SignIn(who *Person) *Person {
	s.t.Helper()
	p := &Person{t: s.t, server: s, Name: who.Name, Email: who.Email, Password: who.Password}
	if err := p.signIn("/api/v1/login"); err != nil {
		s.t.Fatalf("sign %s in: %v", p.Name, err)
	}
	return p
}

// People registers several at once.
func (s *Server) People(names ...string) []*Person {
	s.t.Helper()
	people := make([]*Person, len(names))
	// Hashing is dear on purpose, and whoever waits too long for it is refused.
	slots := make(chan struct{}, 2)
	Together(s.t, len(names), func(i int) error {
		slots <- struct{}{}
		defer func() { <-slots }()
		p := &Person{t: s.t, server: s, Name: names[i], Email: names[i] + "@example.com", Password: "correct horse " + names[i]}
		people[i] = p
		return p.signIn("/api/v1/register")
	})
	return people
}

// Crowd registers so many people, who are called prefix0, prefix1, …
func (s *Server) Crowd(prefix string, n int) []*Person {
	s.t.Helper()
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%d", prefix, i)
	}
	return s.People(names...)
}

func (p *Person) signIn(path string) error {
	var in protocol.SignedIn
	if err := p.server.TryCall(&in, "POST", path, "", protocol.Credentials{Email: p.Email, Password: p.Password}); err != nil {
		return err
	}
	p.Token, p.ID = in.Token, in.User.ID
	return nil
}

// CreateRoom makes a public room.
func (p *Person) CreateRoom(name string) protocol.RoomInfo {
	p.t.Helper()
	var room protocol.RoomInfo
	p.Call(&room, "POST", "/api/v1/rooms", protocol.CreateRoom{Name: name})
	return room
}

// Call makes a REST call, which has to succeed, and decodes its answer. Whoever
// asks faster than a person may is slowed down, as in [Socket.Say].
func (p *Person) Call(answer any, method, path string, body any) {
	p.t.Helper()
	if err := p.callSlowly(answer, method, path, body); err != nil {
		p.t.Fatalf("%s %s by %s: %v", method, path, p.Name, err)
	}
}

func (p *Person) callSlowly(answer any, method, path string, body any) error {
	for {
		err := p.TryCall(answer, method, path, body)
		var refused *HTTPError
		var problem protocol.ErrorInfo
		if !errors.As(err, &refused) || json.Unmarshal([]byte(refused.Body), &problem) != nil || !waited(problem) {
			return err
		}
	}
}

// TryCall is Call for a call that may be refused: then its error is an
// [*HTTPError].
func (p *Person) TryCall(answer any, method, path string, body any) error {
	return p.server.TryCall(answer, method, path, p.Token, body)
}

// Connect opens a WebSocket with the token in the connect payload.
func (p *Person) Connect() *Socket {
	p.t.Helper()
	return p.server.Connect(p.t, How{Token: p.Token})
}

// TryConnect is Connect for a connection that may fail.
func (p *Person) TryConnect(t testing.TB) (*Socket, error) {
	return p.server.TryConnect(t, How{Token: p.Token})
}

// ConnectPolling opens a long-polling session.
func (p *Person) ConnectPolling() *Socket {
	p.t.Helper()
	return p.server.Connect(p.t, How{Token: p.Token, Polling: true})
}

// ConnectTurbo opens a session as the pages of Turbo-Chat do: by long-polling,
// the token alone in the Authorization header.
func (p *Person) ConnectTurbo() *Socket {
	p.t.Helper()
	return p.server.Connect(p.t, How{Polling: true, Header: http.Header{"Authorization": {p.Token}}})
}

// HTTPError is a REST call that was refused.
type HTTPError struct {
	Status int
	Header http.Header
	Body   string
}

func (e *HTTPError) Error() string { return fmt.Sprintf("%d %s", e.Status, e.Body) }

// StatusOf is the status of a refused call, 200 when err is nil, 0 when there
// was no answer.
func StatusOf(err error) int {
	var refused *HTTPError
	switch {
	case err == nil:
		return http.StatusOK
	case errors.As(err, &refused):
		return refused.Status
	}
	return 0
}

// api is what REST calls go through.
var api = &http.Client{Timeout: Patience, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}

// TryCall makes a REST call with a JSON body, none if it is nil, and decodes
// the answer into answer unless that is nil.
func (s *Server) TryCall(answer any, method, path, token string, body any) error {
	var sent io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, s.URL+path, sent)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	text, err := s.Do(req)
	if err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("answer %.200s: %w", text, err)
	}
	return nil
}

// Do makes a request and returns the body of its answer; a status other than
// 2xx is an [*HTTPError].
func (s *Server) Do(req *http.Request) ([]byte, error) {
	resp, err := api.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, &HTTPError{resp.StatusCode, resp.Header, string(text)}
	}
	return text, nil
}

// As is somebody who is signed in, on another server of the same cluster.
func (s *Server) As(who *Person) *Person {
	p := *who
	p.t, p.server = s.t, s
	return &p
}
