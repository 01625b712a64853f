package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/protocol"
)

// warden is who governs a room, and whom they throw out of it all the time.
type warden struct {
	room              int64
	public            bool
	governor, outcast *account
	n                 int // changes so far
}

// What comes of wardens, as the report names it.
const (
	kickedOnce = "member thrown out and let in again"
	bannedOnce = "member banned and let in again"
)

// appoint makes somebody the warden of a room.
func (c *campaign) appoint(w *warden) {
	c.wardens = append(c.wardens, w)
	if w.outcast.Outcast == nil {
		w.outcast.Outcast = make(map[int64]bool)
	}
	w.outcast.Outcast[w.room] = true
}

// governOften throws somebody out of a room or bans them, and lets them in again,
// until the campaign is quiet. They may be in when it returns: into a public room
// they come by themselves.
func (c *campaign) governOften(ctx context.Context, w *warden) {
	for people.Pause(ctx, c.dice.About(4*time.Second)) {
		select {
		case <-c.crowd.Finishing():
			return
		default:
		}
		met, steps := bannedOnce, []string{check.KindBan, check.KindUnban}
		switch {
		case w.public:
		case c.dice.In(0.5):
			met, steps = kickedOnce, []string{check.KindKick, check.KindInvite}
		default:
			steps = append(steps, check.KindInvite)
		}
		for _, kind := range steps {
			if !c.govern(ctx, w, kind) {
				return
			}
			people.Pause(ctx, c.dice.UpTo(4*time.Second))
		}
		c.cluster.met.add(met, 1)
	}
}

// govern makes a change, however often that has to be asked for, and says from the
// second time on that this is a retry. It reports whether the campaign goes on.
func (c *campaign) govern(ctx context.Context, w *warden, kind string) bool {
	w.n++
	line := check.Line{Device: w.governor.Name + ".warden", Room: w.room,
		Event: check.Event{User: w.governor.ID, CID: fmt.Sprintf("%s-%d-%d", kind, w.room, w.n), Kind: kind}}
	for {
		base, err := c.address(ctx)
		if err != nil {
			return false
		}
		line.What, line.Call = check.Send, c.history.Call()
		c.history.Write(line)
		var done protocol.Changed
		err = c.ask(ctx, base, w, &line, &done)
		answer := check.Line{What: check.Answered, Device: line.Device, Room: w.room, Call: line.Call, Via: "rest", Outcome: check.OK}
		var refused *people.RefusedError
		switch {
		case err == nil:
			answer.Event, answer.Duplicate = check.Event{Seq: done.Seq, Cursor: done.Cursor}, done.Duplicate
		case errors.As(err, &refused) && !slices.Contains([]string{"unknown", "internal", "unauthorized"}, refused.Code):
			answer.Outcome, answer.Code = check.Failed, refused.Code
		default:
			answer.Outcome, line.Retry = check.Unknown, true
		}
		c.history.Write(answer)
		switch {
		case err == nil:
			return true
		case people.IsFinal(answer.Code):
			c.problem("a change of members was refused: %s %s: %v", kind, w.outcast.Name, err)
			return false
		case !people.Pause(ctx, 200*time.Millisecond):
			return false
		}
	}
}

// ask asks for a change once.
func (c *campaign) ask(ctx context.Context, base string, w *warden, line *check.Line, done *protocol.Changed) error {
	room, token := fmt.Sprintf("/api/v1/rooms/%d/", w.room), w.governor.Token
	if line.Kind == check.KindInvite {
		invite := protocol.InviteMember{UserID: w.outcast.ID, Attempt: protocol.Attempt{CID: line.CID, Retry: line.Retry}}
		return c.crowd.REST.Call(ctx, base, token, http.MethodPost, room+"members", invite, done)
	}
	method, list := http.MethodDelete, "members"
	switch line.Kind {
	case check.KindBan:
		method, list = http.MethodPut, "bans"
	case check.KindUnban:
		list = "bans"
	}
	path := fmt.Sprintf("%s%s/%d?retry=%t", room, list, w.outcast.ID, line.Retry)
	return c.crowd.REST.Repeat(ctx, base, token, method, path, line.CID, done)
}
