package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/protocol"
)

// ownSession gives a device a session of its own, so that it can be ended.
func (c *campaign) ownSession(d *people.Device, a *account) {
	d.SignIn = func(ctx context.Context) (string, error) {
		base, err := c.address(ctx)
		if err != nil {
			return "", err
		}
		var in protocol.SignedIn
		_, err = c.crowd.REST.SignIn(ctx, base, "/api/v1/login", protocol.Credentials{Email: a.email, Password: password}, "", &in)
		c.tokens.Store(in.Token, a.ID)
		return in.Token, err
	}
	c.signedIn = append(c.signedIn, d)
}

// between is the mean time between two sessions that are ended. Signing in anew
// is limited to ten times a minute.
const between = 4 * time.Second

// endSessions ends one session after another at whatever server answers, until
// the campaign is quiet, and each time waits until the device has noticed.
func (c *campaign) endSessions(ctx context.Context) {
	for people.Pause(ctx, c.dice.About(between)) {
		select {
		case <-c.crowd.Finishing():
			return
		default:
		}
		d := c.signedIn[c.dice.Below(len(c.signedIn))]
		session := d.Session()
		if session == "" || !c.endSession(ctx, d.Person().Token, session) {
			continue
		}
		late, cancel := context.WithTimeout(ctx, c.opts.heal)
		for d.Session() == session && people.Pause(late, 50*time.Millisecond) {
		}
		cancel()
	}
}

// endSession reports whether it was answered that a session has ended.
func (c *campaign) endSession(ctx context.Context, token, session string) bool {
	base, err := c.address(ctx)
	if err != nil {
		return false
	}
	line := check.Line{What: check.Revoke, Session: session, Call: c.history.Call()}
	c.history.Write(line)
	err = c.crowd.REST.Call(ctx, base, token, http.MethodDelete, "/api/v1/me/sessions/"+session, nil, nil)
	line.What = check.Revoked
	var refused *people.RefusedError
	switch {
	case errors.As(err, &refused):
		line.Code = refused.Code
	case err != nil:
		return false // nobody knows
	}
	c.history.Write(line)
	return line.Code == ""
}
