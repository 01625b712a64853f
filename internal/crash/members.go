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

// kickOften throws somebody out of the private room, and lets them in again,
// until the campaign is quiet. They are in when it returns.
func (c *campaign) kickOften(ctx context.Context) {
	if c.kicked == nil {
		return
	}
	members := fmt.Sprintf("/api/v1/rooms/%d/members", c.private)
	for n := 1; people.Pause(ctx, c.dice.About(4*time.Second)); n++ {
		select {
		case <-c.crowd.Finishing():
			return
		default:
		}
		if !c.govern(ctx, func(base string, retry bool) error {
			path := fmt.Sprintf("%s/%d?retry=%t", members, c.kicked.ID, retry)
			return c.crowd.REST.Repeat(ctx, base, c.governor.Token, http.MethodDelete, path, fmt.Sprintf("kick-%d", n))
		}) {
			return
		}
		people.Pause(ctx, c.dice.UpTo(4*time.Second))
		if !c.govern(ctx, func(base string, retry bool) error {
			invite := protocol.InviteMember{UserID: c.kicked.ID, Attempt: protocol.Attempt{CID: fmt.Sprintf("invite-%d", n), Retry: retry}}
			return c.crowd.REST.Call(ctx, base, c.governor.Token, http.MethodPost, members, invite, nil)
		}) {
			return
		}
		c.cluster.met.add("member thrown out and let in again", 1)
	}
}

// govern tries until there is an answer, and says from the second time on that
// this is a retry. It reports whether the campaign goes on.
func (c *campaign) govern(ctx context.Context, try func(base string, retry bool) error) bool {
	for retry := false; ; retry = true {
		base, err := c.address(ctx)
		if err != nil {
			return false
		}
		err = try(base, retry)
		var refused *people.RefusedError
		switch {
		case err == nil:
			return true
		case errors.As(err, &refused) && people.IsFinal(refused.Code):
			c.problem("a change of members was refused: %v", err)
			return false
		case !people.Pause(ctx, 200*time.Millisecond):
			return false
		}
	}
}
