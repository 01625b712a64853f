package gateway

import (
	"context"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// statusHint is for the devices of one person.
type statusHint struct {
	User   chat.UserID        `json:"user"`
	Status protocol.OwnStatus `json:"status"`
}

// setStatus takes how the person wants to be shown.
func (c *conn) setStatus(ev *socketio.Event) {
	var req protocol.StatusRequest
	err := decode(ev, &req)
	if err == nil {
		err = c.limits.Sends.Take(c.gw.now())
	}
	if err != nil {
		c.refuse(ev, err)
		return
	}
	c.task(ev, func() error {
		own, err := c.gw.setStatus(c.ctx, c.user(), req, c.client)
		if err != nil {
			return err
		}
		c.acknowledge(ev, protocol.StatusAck{OK: true, OwnStatus: own})
		return nil
	})
}

// SetStatus keeps how a person wants to be shown, shows them like that, and
// tells their sockets. It refuses with [chat.Invalid] what is no status.
func (g *Gateway) SetStatus(ctx context.Context, user chat.UserID, req protocol.StatusRequest) (protocol.OwnStatus, error) {
	return g.setStatus(ctx, user, req, nil)
}

func (g *Gateway) setStatus(ctx context.Context, user chat.UserID, req protocol.StatusRequest, from *fanout.Client) (protocol.OwnStatus, error) {
	kept, err := g.cfg.Auth.SetStatus(ctx, user, (*chat.Status)(req.Status), req.HideLastSeen)
	own := protocol.OwnStatus{Status: string(kept.Choice.Shown()), HideLastSeen: kept.HidesSeen, Rev: kept.Choice.Rev}
	if kept.ID == 0 || req == (protocol.StatusRequest{}) {
		return own, err
	}
	// It is kept, though other nodes may not have been told of it in time.
	g.cfg.Presence.Choose(user, kept.Choice)
	g.tellPerson(user, eventFrame(protocol.StatusChanged, own), from)
	g.hint(hint{Status: &statusHint{User: user, Status: own}})
	return own, err
}

// PersonChanged makes known here what somebody has chosen at another node: their
// name, their picture, and how they want to be shown.
func (g *Gateway) PersonChanged(ctx context.Context, user chat.UserID) {
	g.ShownAnew(user)
	if len(g.cfg.Hub.Clients(user)) == 0 {
		return
	}
	person, err := g.cfg.Auth.User(ctx, user)
	if err != nil {
		g.logger.WarnContext(ctx, "what somebody has chosen elsewhere is not known here", "user", user, "error", err)
		return
	}
	g.cfg.Presence.Choose(user, person.Choice)
}

// checkSession makes sure that the session of a socket which is registered by
// now has not ended before, and takes what its person has chosen meanwhile.
func (c *conn) checkSession(session string) bool {
	user, err := c.gw.cfg.Auth.Owner(c.ctx, session)
	if err != nil {
		c.turnAway(err)
		return false
	}
	c.gw.cfg.Presence.Choose(c.user(), user.Choice)
	return true
}
