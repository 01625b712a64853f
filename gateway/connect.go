package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// expiryNotice is how long before its end a token is announced to be renewed.
const expiryNotice = 60 * time.Second

// signIn decides who a socket is, before it joins the namespace. The token
// comes in the connect payload {token} or in the handshake's Authorization
// header, never in the query.
func (g *Gateway) signIn(ctx context.Context, handshake *socketio.Handshake) error {
	token := auth.TokenFromHeader(handshake.Header.Get("Authorization"))
	if len(handshake.Auth) > 0 {
		var payload protocol.Auth
		if err := json.Unmarshal(handshake.Auth, &payload); err != nil {
			return g.refuseConnect(chat.Errorf(chat.Invalid, "The connect payload is {token: \"…\"}."))
		}
		if payload.Token != "" {
			token = payload.Token
		}
	}
	identity, err := g.cfg.Auth.Verify(ctx, token)
	if err != nil {
		return g.refuseConnect(chat.AsError(err))
	}
	handshake.Value = identity
	return nil
}

func (g *Gateway) refuseConnect(refusal *chat.Error) error {
	g.cfg.Refused(refusal.Code)
	return &socketio.ConnectError{Message: refusal.Message, Data: errorInfo(refusal)}
}

// connect takes a signed-in socket in.
func (g *Gateway) connect(socket *socketio.Socket) {
	identity := socket.Value().(auth.Identity)
	ctx, cancel := context.WithCancel(context.Background())
	c := &conn{gw: g, socket: socket, identity: identity, ctx: ctx, cancel: cancel}
	c.client = g.cfg.Hub.Attach(socket, identity.User.ID)
	g.cfg.Hub.KnowPeople(identity.User)

	limits, refusal := g.enter(identity.User.ID)
	c.limits = limits
	// Last, because it runs at once if the socket has closed meanwhile.
	defer socket.OnClose(func(socketio.Reason) { c.closed() })
	if refusal != nil {
		c.close("tooMany", refusal.Message, false, socketio.ReasonServerDisconnect)
		return
	}
	if !g.admit(c) {
		c.close("draining", "The server is stopping. Connect again in a moment.", true, socketio.ReasonShuttingDown)
		return
	}
	g.cfg.Presence.Enter(identity.User.ID, identity.Choice)
	socket.OnEvent(c.dispatch)

	// Registered first and checked second: a revocation between the check at
	// the handshake and the registration is seen here.
	g.cfg.Auth.Watch(identity.Session, c)
	c.checkSession(identity.Session)
}

// turnAway ends a socket whose session is not good, or cannot be looked up: then
// nobody was signed out, and may come again.
func (c *conn) turnAway(err error) {
	if chat.AsError(err).Code == chat.Unauthorized {
		c.Revoked()
		return
	}
	c.close("unavailable", "Your session cannot be looked up right now. Connect again in a moment.", true, socketio.ReasonServerDisconnect)
}

// admit counts the socket in, unless the node is stopping.
func (g *Gateway) admit(c *conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.draining {
		return false
	}
	g.conns[c] = struct{}{}
	return true
}

// closed takes the socket out again. It runs once.
func (c *conn) closed() {
	g := c.gw
	c.cancel()
	c.client.Detach()
	g.lists.leave(c)
	c.mu.Lock()
	session := c.identity.Session
	c.mu.Unlock()
	g.cfg.Auth.Unwatch(session, c)
	g.cfg.Limits.Leave(c.limits, g.now())
	g.mu.Lock()
	_, admitted := g.conns[c]
	delete(g.conns, c)
	g.mu.Unlock()
	if admitted {
		g.cfg.Presence.Leave(c.user())
		g.seen.note(g.now(), c.user())
	}
}

// Revoked implements auth's watcher: the session has ended.
func (c *conn) Revoked() {
	c.close("revoked", "You were signed out. Sign in again.", false, socketio.ReasonServerDisconnect)
}

// tellExpiry announces tokens that are about to end, and closes the sockets of
// those that have.
func (g *Gateway) tellExpiry() {
	now := g.now()
	g.each(func(c *conn) {
		c.mu.Lock()
		left := c.identity.ExpiresAt.Sub(now)
		c.mu.Unlock()
		switch {
		case left <= 0:
			c.close("unauthorized", "Your token has ended. Renew it and connect again.", true, socketio.ReasonServerDisconnect)
		case left <= expiryNotice && c.warned.CompareAndSwap(false, true):
			c.emit(protocol.Problem, protocol.ProblemNotice{
				Code:      "expiring",
				Message:   fmt.Sprintf("Your token ends in %d seconds. Renew it with authenticate.", int(left.Seconds())),
				Reconnect: true,
			})
		}
	})
}

// Overflowed closes a socket that does not take what it is sent. It is the
// Socket.IO server's overflow handler.
func (g *Gateway) Overflowed(socket *socketio.Socket) {
	g.cfg.Closed("slow")
	socket.CloseAfter(problemFrame("slow", "The connection takes less than it is sent. Connect again and resume.", true), socketio.ReasonSlow)
}
