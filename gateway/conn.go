package gateway

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// maxTasks bounds what one socket has running beside its reader: reads and
// catch-ups. More are refused as busy.
const maxTasks = 64

// lateRetry is when to ask again for what took too long.
const lateRetry = 2 * time.Second

// conn is one signed-in socket.
type conn struct {
	gw     *Gateway
	socket *socketio.Socket
	client *fanout.Client
	limits *limits.Person
	ctx    context.Context // ends with the socket
	cancel context.CancelFunc

	unacknowledged atomic.Int32 // sends without an answer yet
	tasks          atomic.Int32
	turbo          atomic.Bool // behaves like a Turbo-Chat client
	warned         atomic.Bool // was told that its token is about to end

	// Owned by the reading goroutine.
	joined bool          // has sent a joinRoom
	turn   chan struct{} // closed when the last catch-up that was asked for has ended

	mu       sync.Mutex
	identity auth.Identity
	names    map[string]chat.RoomID // what roomName meant at joinRoom
}

func (c *conn) user() chat.UserID { return c.client.User() }

// person is who is signed in.
func (c *conn) person() chat.Person {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.identity.User
}

// emit sends an event of the server, behind what was posted before.
func (c *conn) emit(event string, payload any) {
	c.queue(eventFrame(event, payload))
}

// queue sends a frame behind what was posted before.
func (c *conn) queue(frames ...[]byte) {
	c.client.Post(func() {
		for _, frame := range frames {
			c.socket.Queue(frame)
		}
	})
}

// acknowledge answers a client event, if the client asked for an answer.
func (c *conn) acknowledge(ev *socketio.Event, payload any) {
	if frame := c.ackFrame(ev, payload); frame != nil {
		c.queue(frame)
	}
}

func (c *conn) ackFrame(ev *socketio.Event, payload any) []byte {
	if !ev.HasAck() {
		return nil
	}
	return ev.AckFrame(encode(payload))
}

// refuse answers a client event that was not done.
func (c *conn) refuse(ev *socketio.Event, err error) {
	refusal := chat.AsError(err)
	if refusal.Code == chat.Internal && errors.Is(err, context.DeadlineExceeded) {
		refusal = chat.Errorf(chat.Unavailable, "The server did not get to this in time. Try again in a moment.")
		refusal.RetryAfter = lateRetry
	}
	// What was begun for a client that has gone since ends with it.
	gone := c.ctx.Err() != nil && errors.Is(err, context.Canceled)
	if refusal.Code == chat.Internal && !gone {
		c.gw.logger.ErrorContext(c.ctx, "client event failed", "event", ev.Name, "user", c.user(), "error", err)
	}
	c.gw.cfg.Refused(refusal.Code)
	if !ev.HasAck() {
		c.tellTurbo(refusal)
		return
	}
	c.acknowledge(ev, protocol.Refusal{Error: errorInfo(refusal)})
}

func errorInfo(refusal *chat.Error) protocol.ErrorInfo {
	return protocol.ErrorInfo{
		Code:       string(refusal.Code),
		Message:    refusal.Message,
		RetryAfter: refusal.RetryAfter.Seconds(),
	}
}

// task runs something slow beside the socket's reader, within the socket's
// bound. It reports whether it did.
func (c *conn) task(ev *socketio.Event, run func() error) bool {
	if c.tasks.Add(1) > maxTasks {
		c.tasks.Add(-1)
		c.refuse(ev, chat.Errorf(chat.Busy, "Too many requests of this socket are under way. Wait for an answer first."))
		return false
	}
	return c.gw.background(func() {
		defer c.tasks.Add(-1)
		if err := run(); err != nil {
			c.refuse(ev, err)
		}
	})
}

// close tells the client why, and ends the socket.
func (c *conn) close(code, message string, reconnect bool, reason socketio.Reason) {
	c.gw.cfg.Closed(code)
	c.socket.CloseAfter(problemFrame(code, message, reconnect), reason)
}

func problemFrame(code, message string, reconnect bool) []byte {
	return eventFrame(protocol.Problem, protocol.ProblemNotice{Code: code, Message: message, Reconnect: reconnect})
}
