package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// Transport is how packets travel.
type Transport string

// The transports.
const (
	WebSocket Transport = "websocket"
	Polling   Transport = "polling"
)

// Bounds of waiting. A server that keeps its heartbeat of 25 s passes them by
// far.
const (
	connectTimeout = 20 * time.Second
	silence        = 60 * time.Second // nothing was received: the connection is dead
)

// ErrEnded means that the server has ended the connection in good order.
var ErrEnded = errors.New("ended by the server")

// ErrNoSession means that a polling session takes nothing any more. Why it ended
// may still be on its way to [Conn.Next], and so is the end.
var ErrNoSession = errors.New("no session")

// RefusedError is the server's refusal to let the client into the namespace.
type RefusedError struct {
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("connect refused: %s %s", e.Message, e.Data)
}

// pipe moves Engine.IO packets. read is for one goroutine; write and close may
// be called from any.
type pipe interface {
	read() ([]byte, error)
	write(packet []byte) error
	close()
}

// turn lets one at a time write. It is held while the network takes its time,
// so who waits for it waits on a channel: to testing/synctest a mutex is no
// waiting at all.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) take() { t <- struct{}{} }
func (t turn) give() { <-t }

// Conn is one connection, in the namespace "/". Next is for one goroutine;
// Emit and Close may be called from any.
type Conn struct {
	pipe pipe
	once sync.Once
}

// Packet is what the server sent: an event with its first argument, or the
// acknowledgement of an Emit with its first argument.
type Packet struct {
	Event string // empty: an acknowledgement
	ID    int64  // of an acknowledgement
	Arg   json.RawMessage
}

// Dialer makes connections. The zero value uses TCP.
type Dialer struct {
	// DialContext opens the connections underneath; nil is that of [net.Dialer].
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// Dial is [Dialer.Dial] over TCP.
func Dial(ctx context.Context, base string, transport Transport, auth any) (*Conn, error) {
	return new(Dialer).Dial(ctx, base, transport, auth)
}

// Dial connects to the server at base, http://host:port, and enters the
// namespace with the connect payload auth, any value with a JSON form.
func (d *Dialer) Dial(ctx context.Context, base string, transport Transport, auth any) (*Conn, error) {
	address, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	payload, err := json.Marshal(auth)
	if err != nil {
		return nil, fmt.Errorf("dial: connect payload: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	var p pipe
	switch transport {
	case WebSocket:
		p, err = dialWebSocket(ctx, d.dial(), address)
	case Polling:
		p, err = dialPolling(ctx, d.dial(), address)
	default:
		return nil, fmt.Errorf("dial: no transport %q", transport)
	}
	if err != nil {
		return nil, fmt.Errorf("dial %s by %s: %w", base, transport, err)
	}
	c := &Conn{pipe: p}
	stop := context.AfterFunc(ctx, c.Close)
	defer stop()
	if err := c.enter(payload); err != nil {
		c.Close()
		return nil, fmt.Errorf("dial %s by %s: %w", base, transport, err)
	}
	return c, nil
}

// dialing opens a connection.
type dialing func(ctx context.Context, network, address string) (net.Conn, error)

func (d *Dialer) dial() dialing {
	if d.DialContext == nil {
		return new(net.Dialer).DialContext
	}
	return d.DialContext
}

// enter joins the namespace.
func (c *Conn) enter(payload []byte) error {
	if err := c.pipe.write(append([]byte("40"), payload...)); err != nil {
		return err
	}
	for {
		p, err := c.next()
		switch {
		case err != nil:
			return err
		case p.kind == connected:
			return nil
		}
	}
}

// Next waits for the next event or acknowledgement. Heartbeats are answered on
// the way.
func (c *Conn) Next() (Packet, error) {
	for {
		p, err := c.next()
		if err != nil {
			return Packet{}, err
		}
		if p.kind == event || p.kind == acknowledgement {
			return p.Packet, nil
		}
	}
}

func (c *Conn) next() (packet, error) {
	raw, err := c.pipe.read()
	if err != nil {
		return packet{}, err
	}
	p, err := parse(raw)
	if err != nil {
		return packet{}, err
	}
	switch p.kind {
	case ping:
		if err := c.pipe.write([]byte("3")); err != nil && !errors.Is(err, ErrNoSession) {
			return p, err
		}
	case ended:
		return p, ErrEnded
	case refused:
		refusal := new(RefusedError)
		if err := json.Unmarshal(p.Arg, refusal); err != nil {
			return p, fmt.Errorf("connect refused with %q: %w", p.Arg, err)
		}
		return p, refusal
	}
	return p, nil
}

// Emit sends an event with one argument, to be acknowledged under this id. It
// returns when the transport has taken it; that is no promise at all.
func (c *Conn) Emit(event string, id int64, arg any) error {
	args, err := json.Marshal([]any{event, arg})
	if err != nil {
		return fmt.Errorf("emit %s: %w", event, err)
	}
	raw := append(strconv.AppendInt([]byte("42"), id, 10), args...)
	if err := c.pipe.write(raw); err != nil {
		return fmt.Errorf("emit %s: %w", event, err)
	}
	return nil
}

// Close cuts the connection without a word. Next returns then.
func (c *Conn) Close() { c.once.Do(c.pipe.close) }
