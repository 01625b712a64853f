package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
)

// Handshake is what is known of a client that asks to join a namespace.
type Handshake struct {
	// Header and Query are those of the HTTP request that opened the
	// connection. They are shared: do not change them. A query string ends up
	// in logs and histories, so no secret belongs there.
	Header http.Header
	Query  url.Values
	// RemoteAddr is the peer of the TCP connection, Address what
	// Config.Address made of the request.
	RemoteAddr string
	Address    netip.Addr
	// TLS says whether this server itself ended TLS.
	TLS bool
	// Transport is "polling" or "websocket", now.
	Transport string
	// Namespace is the name that was asked for.
	Namespace string
	// Auth is the payload of the request to join, a JSON object, or nil.
	Auth json.RawMessage

	// Value is for the middleware to set, and becomes [Socket.Value].
	Value any
}

// ConnectError is how a middleware refuses a client: the client's connect_error
// event carries the message and, if it is not nil, the data.
type ConnectError struct {
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

func (e *ConnectError) Error() string { return "socketio: refused: " + e.Message }

// Namespace is one of the channels that a connection can join; "/" is the one
// that clients join unless they say otherwise. Make it with [Server.Of] and set
// it up before the server serves.
type Namespace struct {
	name string

	mu         sync.RWMutex // guards what follows
	middleware []func(context.Context, *Handshake) error
	onConnect  func(*Socket)
}

// Name is the namespace's name, beginning with "/".
func (n *Namespace) Name() string { return n.name }

// Use adds a middleware: it is asked about every client that wants to join,
// after those added before it, and refuses by returning an error. A
// [*ConnectError] is told to the client; any other error is logged, and the
// client learns only that there was one. The middleware runs on the goroutine
// that reads the connection; its context ends with Config.ConnectTimeout and
// with the server.
func (n *Namespace) Use(middleware func(context.Context, *Handshake) error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.middleware = append(n.middleware, middleware)
}

// OnConnect says who is told of every new socket. The function runs on the
// goroutine that reads the connection, before anything the client sends behind
// its request to join; it is the place for [Socket.OnEvent] and
// [Socket.OnClose]. What it queues leaves together with the answer to the
// client, when it returns.
func (n *Namespace) OnConnect(f func(*Socket)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.onConnect = f
}

// ask runs the middleware.
func (n *Namespace) ask(ctx context.Context, h *Handshake) error {
	n.mu.RLock()
	middleware := n.middleware
	n.mu.RUnlock()
	for _, ask := range middleware {
		if err := ask(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

func (n *Namespace) welcome(s *Socket) {
	n.mu.RLock()
	f := n.onConnect
	n.mu.RUnlock()
	if f != nil {
		f(s)
	}
}

// refusalOf is what a client is told about an error of a middleware, and
// whether the error is one to be logged.
func refusalOf(err error) (told *ConnectError, internal bool) {
	if errors.As(err, &told) {
		return told, false
	}
	return &ConnectError{Message: "Internal error"}, true
}
