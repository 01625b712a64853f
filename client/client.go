package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/parleychat/parley/protocol"
)

// steady is how long a connection has to hold to count as a success, after which
// the next cut is followed by a quick attempt again.
const steady = 5 * time.Second

// reconnect is how long clients wait between attempts.
var reconnect = backoff{first: 500 * time.Millisecond, most: 20 * time.Second}

// Config says where to connect, and as whom. URL and Token are required.
type Config struct {
	URL   string // of the server, https://chat.example.org
	Token TokenSource

	// Notice hears of every event of the server that is not one of a room, like
	// presence or roomAdded, in order. It must not wait.
	Notice func(event string, payload json.RawMessage)

	// Presence hears who of a joined room's members came, went, or is shown
	// otherwise; StatusChanged, how the person wants to be shown when another of
	// their devices has set it. Both are called in the order of what the server
	// says, before Notice, and must not wait either.
	Presence      func(protocol.PresenceChange)
	StatusChanged func(protocol.OwnStatus)

	HTTPClient *http.Client // nil: http.DefaultClient
	Logger     *slog.Logger // nil: nothing is logged
}

// Client is one connection of one person, made again whenever it is lost. Its
// methods may be called from any goroutine.
type Client struct {
	cfg    Config
	logger *slog.Logger
	cancel context.CancelFunc
	ended  chan struct{} // closed when run has returned

	queueLimit int // of each room

	// mu guards everything below, of every room too, and is never held while the
	// network or a caller takes time. What arrives is handled under it, so
	// events and answers are seen in the order in which the server sent them.
	mu       sync.Mutex
	conn     *connection   // nil while there is none
	up       chan struct{} // closed while there is one
	rooms    map[int64]*Room
	err      error // why the client has ended
	lost     error // why there is no connection
	refused  string
	stayAway time.Duration // the server asked for, once
}

// Dial connects and keeps connecting until [Client.Close]. It returns when the
// first connection stands; when the server refuses for good; or when ctx ends,
// with the reason of the last attempt. ctx ends nothing later.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = http.DefaultClient
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.URL = strings.TrimSuffix(cfg.URL, "/")
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c := &Client{
		cfg: cfg, logger: cfg.Logger, cancel: cancel, ended: make(chan struct{}),
		up: make(chan struct{}), rooms: make(map[int64]*Room), queueLimit: defaultQueue,
	}
	go c.run(life)
	if _, err := c.connected(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close ends the connection and every room. What waits to be sent is not sent
// any more. It is not for [Config.Notice] to call.
func (c *Client) Close() {
	c.cancel()
	<-c.ended
}

// Done is closed when the client has ended: it was closed, or the server does
// not let it in any more. [Client.Err] says why.
func (c *Client) Done() <-chan struct{} { return c.ended }

// Err is why the client has ended, nil while it has not.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// run keeps a connection until ctx ends or the server refuses for good.
func (c *Client) run(ctx context.Context) {
	defer close(c.ended)
	wait := reconnect
	for {
		began := time.Now()
		err := c.session(ctx)
		if ctx.Err() != nil {
			err = ErrClosed
		}
		if errors.Is(err, ErrClosed) || isEnd(err) {
			c.end(err)
			return
		}
		if time.Since(began) > steady {
			wait.reset()
		}
		pause := wait.next() + max(c.takeStayAway(), retryAfter(err))
		c.logger.DebugContext(ctx, "not connected", "error", err, "again", pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// endError is a reason to connect no more.
type endError struct{ error }

func (e endError) Unwrap() error { return e.error }

func isEnd(err error) bool {
	var end endError
	return errors.As(err, &end)
}

// session makes one connection and serves it until it ends, and says why it
// did.
func (c *Client) session(ctx context.Context) error {
	conn, err := c.connect(ctx)
	if err != nil {
		c.mu.Lock()
		c.lost = err
		c.mu.Unlock()
		return err
	}
	c.logger.DebugContext(ctx, "connected", "url", c.cfg.URL)
	ctx, cancel := context.WithCancel(ctx)
	c.begin(conn)
	err = conn.serve(ctx, &c.mu, func(kind string, body []byte) error { return c.handle(ctx, conn, kind, body) })
	c.finish(err)
	cancel()
	conn.renewing.Wait()
	return err
}

// connect makes a connection. A token that the server does not take is replaced
// by the next attempt.
func (c *Client) connect(ctx context.Context) (*connection, error) {
	c.mu.Lock()
	refused := c.refused
	c.mu.Unlock()
	token, err := c.cfg.Token(ctx, refused)
	switch {
	case isFinal(err) || isUnauthorized(err):
		return nil, endError{fmt.Errorf("token: %w", err)}
	case err != nil:
		return nil, fmt.Errorf("token: %w", err)
	case token == refused:
		return nil, endError{&Refused{Code: "unauthorized", Message: "The token is not good any more, and there is no other."}}
	}
	conn, err := dial(ctx, c.cfg.HTTPClient, c.cfg.URL, token)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = ""
	if isUnauthorized(err) {
		c.refused = token
	}
	return conn, err
}

// begin lets everybody use the connection.
func (c *Client) begin(conn *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn = conn
	close(c.up)
	for _, room := range c.rooms {
		room.join()
		room.outbox.pump()
	}
}

// finish ends what was under way on the connection.
func (c *Client) finish(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn := c.conn
	c.conn, c.lost = nil, err
	c.up = make(chan struct{})
	for _, room := range c.rooms {
		room.cut()
	}
	conn.end()
}

// end ends the client and everything of it.
func (c *Client) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	for _, room := range c.rooms {
		room.end(err)
	}
}

func (c *Client) takeStayAway() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	wait := c.stayAway
	c.stayAway = 0
	return wait
}

// connected waits for a connection.
func (c *Client) connected(ctx context.Context) (*connection, error) {
	for {
		c.mu.Lock()
		conn, up, err := c.conn, c.up, c.err
		c.mu.Unlock()
		switch {
		case err != nil:
			return nil, err
		case conn != nil:
			return conn, nil
		}
		select {
		case <-up:
		case <-c.ended:
		case <-ctx.Done():
			return nil, c.notConnected(ctx.Err())
		}
	}
}

// notConnected adds why there is no connection.
func (c *Client) notConnected(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost == nil {
		return err
	}
	return fmt.Errorf("%w: %w", err, c.lost)
}

// handle takes one packet. Its error ends the connection.
func (c *Client) handle(ctx context.Context, conn *connection, kind string, body []byte) error {
	switch kind {
	case socketAck:
		c.mu.Lock()
		defer c.mu.Unlock()
		return conn.answered(body)
	case socketEvent:
		name, payload, err := readEvent(body)
		if err != nil {
			return err
		}
		return c.event(ctx, conn, name, payload)
	}
	return nil
}

// event takes one event of the server.
func (c *Client) event(ctx context.Context, conn *connection, name string, payload json.RawMessage) error {
	switch name {
	case protocol.ReceiveMessage:
		return c.received(payload)
	case protocol.Problem:
		var said protocol.ProblemNotice
		if err := json.Unmarshal(payload, &said); err != nil {
			return err
		}
		if err := c.problem(ctx, conn, said); err != nil {
			return err
		}
	case protocol.Draining:
		var said protocol.DrainingNotice
		if err := json.Unmarshal(payload, &said); err != nil {
			return err
		}
		c.mu.Lock()
		c.stayAway = seconds(said.ReconnectAfter)
		c.mu.Unlock()
	case protocol.RoomRemoved:
		var said protocol.RoomRemovedNotice
		if err := json.Unmarshal(payload, &said); err != nil {
			return err
		}
		c.removed(said.RoomID)
	case protocol.Presence:
		if err := tell(c.cfg.Presence, payload); err != nil {
			return err
		}
	case protocol.StatusChanged:
		if err := tell(c.cfg.StatusChanged, payload); err != nil {
			return err
		}
	}
	if c.cfg.Notice != nil {
		c.cfg.Notice(name, payload)
	}
	return nil
}

// tell lets somebody hear what the server says, if they want to.
func tell[Said any](who func(Said), payload json.RawMessage) error {
	if who == nil {
		return nil
	}
	var said Said
	if err := json.Unmarshal(payload, &said); err != nil {
		return err
	}
	who(said)
	return nil
}

func (c *Client) removed(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if room := c.rooms[id]; room != nil {
		room.end(ErrRemoved)
	}
}

func (c *Client) received(payload json.RawMessage) error {
	var ev protocol.Event
	if err := json.Unmarshal(payload, &ev); err != nil {
		return fmt.Errorf("receiveMessage %.60q: %w", payload, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if room := c.rooms[ev.RoomID]; room != nil {
		room.receive(&ev)
	}
	return nil
}

// problem is told before the server closes, or when the token is about to end.
func (c *Client) problem(ctx context.Context, conn *connection, said protocol.ProblemNotice) error {
	c.logger.DebugContext(ctx, "the server says", "code", said.Code, "message", said.Message)
	c.mu.Lock()
	defer c.mu.Unlock()
	token := conn.token
	switch {
	case said.Code == "expiring":
		conn.renewing.Go(func() { c.renew(ctx, conn, token) })
	case isCredentialCode(said.Code):
		c.refused = token // and the server closes
	case !said.Reconnect:
		return endError{&Refused{Code: said.Code, Message: said.Message}}
	}
	return nil
}

// renew exchanges the token of a live connection. When that does not work, the
// server closes it when the token ends, and the next one gets a new token.
func (c *Client) renew(ctx context.Context, conn *connection, token string) {
	fresh, err := c.cfg.Token(ctx, token)
	if err != nil || fresh == token {
		c.logger.DebugContext(ctx, "the token was not renewed", "error", err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	conn.ask(protocol.Authenticate, protocol.AuthenticateRequest{Token: fresh}, func(raw json.RawMessage, err error) {
		if err == nil {
			err = readAnswer(raw, nil)
		}
		if err != nil {
			c.logger.DebugContext(ctx, "the token was not renewed", "error", err)
			return
		}
		conn.token = fresh
	})
}

// Call sends an event that has no method here, such as openDirect, and reads
// the answer into the struct that answer points to, unless it is nil. It asks
// until there is an answer that is final, over cuts too, or ctx ends: an event
// that must not be done twice needs a cid. A refusal is a *[Refused].
func (c *Client) Call(ctx context.Context, event string, payload, answer any) error {
	wait := backoff{first: 200 * time.Millisecond, most: 10 * time.Second}
	for {
		conn, err := c.connected(ctx)
		if err == nil {
			err = c.ask(ctx, conn, event, payload, answer)
			if err == nil {
				return nil
			}
		}
		if ctx.Err() != nil || !isPassing(err) {
			return fmt.Errorf("%s: %w", event, err)
		}
		select {
		case <-time.After(max(wait.next(), retryAfter(err))):
		case <-ctx.Done():
			return fmt.Errorf("%s: %w: %w", event, ctx.Err(), err)
		}
	}
}

// ask asks once.
func (c *Client) ask(ctx context.Context, conn *connection, event string, payload, answer any) error {
	type said struct {
		raw json.RawMessage
		err error
	}
	told := make(chan said, 1)
	c.mu.Lock()
	conn.ask(event, payload, func(raw json.RawMessage, err error) { told <- said{raw, err} })
	c.mu.Unlock()
	select {
	case s := <-told:
		if s.err != nil {
			return s.err
		}
		return readAnswer(s.raw, answer)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// isPassing reports that asking again may help.
func isPassing(err error) bool {
	var refused *Refused
	if errors.As(err, &refused) {
		return !refused.Final()
	}
	return errors.Is(err, errCut)
}
