package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/protocol"
)

// founders make accounts and rooms while the server is killed: what they were
// told exists has to exist.
type founders struct {
	made []founded
	done chan struct{}
}

type founded struct {
	account *account
	room    protocol.RoomInfo
}

// run makes one after the other until the campaign is quiet.
func (f *founders) run(ctx context.Context, c *campaign) {
	f.done = make(chan struct{})
	defer close(f.done)
	for n := 1; ; n++ {
		made := founded{account: &account{Person: people.Person{Name: fmt.Sprintf("founder%d", n)}}}
		if !f.insist(ctx, c, func(base string) error { return f.account(ctx, c, base, made.account) }) {
			return
		}
		want := protocol.CreateRoom{Name: fmt.Sprintf("Founded %d", n), CID: fmt.Sprintf("found-%d", n)}
		if !f.insist(ctx, c, func(base string) error {
			return c.crowd.REST.Call(ctx, base, made.account.Token, http.MethodPost, "/api/v1/rooms", want, &made.room)
		}) {
			return
		}
		if !f.insist(ctx, c, func(base string) error { return c.renew(ctx, base, made.account) }) {
			return
		}
		f.made = append(f.made, made)
		select {
		case <-time.After(c.dice.About(500 * time.Millisecond)):
		case <-c.crowd.Finishing():
			return
		case <-ctx.Done():
			return
		}
	}
}

// insist tries until it works. It reports whether the campaign goes on; what is
// refused for good is a problem.
func (f *founders) insist(ctx context.Context, c *campaign, try func(base string) error) bool {
	for {
		base, err := c.address(ctx)
		if err != nil {
			return false
		}
		err = try(base)
		var refused *people.RefusedError
		switch {
		case err == nil:
			return true
		case errors.As(err, &refused) && people.IsFinal(refused.Code):
			c.problem("a founder was refused: %v", err)
			return false
		}
		select {
		case <-c.crowd.Finishing():
			return false
		default:
		}
		if !people.Pause(ctx, 50*time.Millisecond) {
			return false
		}
	}
}

// account registers somebody. An earlier try may have had its effect.
func (f *founders) account(ctx context.Context, c *campaign, base string, p *account) error {
	err := c.register(ctx, base, p)
	var refused *people.RefusedError
	if errors.As(err, &refused) && refused.Code == "conflict" {
		return c.signIn(ctx, base, p)
	}
	return err
}

func (c *campaign) signIn(ctx context.Context, base string, p *account) error {
	if err := c.enter(ctx, base, p, "/api/v1/login"); err != nil {
		return fmt.Errorf("sign in %s: %w", p.email, err)
	}
	return nil
}

// renew exchanges the person's refresh token. An exchange whose answer was lost
// is done again with the old one, for as long as that is allowed.
func (c *campaign) renew(ctx context.Context, base string, p *account) error {
	if p.renewing.IsZero() {
		p.renewing = time.Now()
	}
	err := c.enter(ctx, base, p, "/api/v1/refresh")
	var refused *people.RefusedError
	if errors.As(err, &refused) && refused.Code == "unauthorized" {
		if late := time.Since(p.renewing); late > 25*time.Second {
			return c.signIn(ctx, base, p)
		}
		c.problem("the session of %s was lost: %v", p.email, err)
	}
	if err == nil {
		p.renewing = time.Time{}
	}
	return err
}

// enter makes a call that is answered with tokens.
func (c *campaign) enter(ctx context.Context, base string, p *account, path string) error {
	var in protocol.SignedIn
	refresh, err := c.crowd.REST.SignIn(ctx, base, path, protocol.Credentials{Email: p.email, Password: password}, p.refresh, &in)
	if err != nil {
		return err
	}
	if p.ID != 0 && in.User.ID != p.ID {
		return fmt.Errorf("%s was person %d and is person %d", p.email, p.ID, in.User.ID)
	}
	p.Token, p.refresh, p.ID = in.Token, refresh, in.User.ID
	c.tokens.Store(in.Token, in.User.ID)
	return nil
}

// verify looks for everything that was made.
func (f *founders) verify(ctx context.Context, c *campaign) error {
	select {
	case <-f.done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	base, err := c.address(ctx)
	if err != nil {
		return err
	}
	for _, made := range f.made {
		if err := c.renew(ctx, base, made.account); err != nil {
			c.problem("a session was lost: %v", err)
		}
		if err := c.signIn(ctx, base, made.account); err != nil {
			c.problem("an account was lost: %v", err)
			continue
		}
		var room protocol.RoomInfo
		err := c.crowd.REST.Call(ctx, base, made.account.Token, http.MethodGet, fmt.Sprintf("/api/v1/rooms/%d", made.room.ID), nil, &room)
		if err != nil || room.Name != made.room.Name || room.Role != "owner" {
			c.problem("room %d (%s) was created, and now it is %+v: %v", made.room.ID, made.room.Name, room, err)
		}
	}
	return nil
}
