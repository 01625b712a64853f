package gateway

import (
	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// authenticate renews the token of a live socket. It must be one of the same
// person.
func (c *conn) authenticate(ev *socketio.Event) {
	var req protocol.AuthenticateRequest
	if err := decode(ev, &req); err != nil {
		c.refuse(ev, err)
		return
	}
	identity, err := c.gw.cfg.Auth.Verify(c.ctx, req.Token)
	if err != nil {
		c.refuse(ev, err)
		return
	}
	if identity.User.ID != c.user() {
		c.refuse(ev, chat.Errorf(chat.Forbidden, "This socket belongs to somebody else. Connect anew."))
		return
	}
	c.mu.Lock()
	former := c.identity.Session
	c.identity = identity
	c.mu.Unlock()
	c.warned.Store(false)
	if identity.Session != former {
		c.gw.cfg.Auth.Watch(identity.Session, c)
		c.gw.cfg.Auth.Unwatch(former, c)
	}
	if c.ctx.Err() != nil {
		// It closed meanwhile, and may have taken itself out of the list before
		// it was put in.
		c.gw.cfg.Auth.Unwatch(identity.Session, c)
		return
	}
	if !c.checkSession(identity.Session) {
		return
	}
	c.acknowledge(ev, protocol.AuthenticateAck{
		OK:        true,
		User:      selfOf(identity),
		ExpiresAt: identity.ExpiresAt.UnixMilli(),
	})
}

func selfOf(who auth.Identity) protocol.Self {
	p := who.User
	return protocol.Self{ID: int64(p.ID), Email: p.Email, Name: p.Name, Handle: p.Handle, Role: string(who.Role), Picture: p.Picture}
}
