package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/protocol"
)

// presenceSeen is how long it took until everybody saw who was online.
type presenceSeen struct {
	all   time.Duration // with everybody connected
	gone  time.Duration // after some had gone
	ghost time.Duration // after the server of one was killed
}

func (s *presenceSeen) text() []string {
	return []string{
		fmt.Sprintf("presence  right %v after the end, %v after some people had gone, %v after a server was killed",
			s.all.Round(time.Millisecond), s.gone.Round(time.Millisecond), s.ghost.Round(time.Millisecond)),
	}
}

// How long who is online may be wrong, on a machine that has time for it, as
// docs/redis.md says: after everybody has come or gone in good order, and after a
// server was killed. On a busy one it is as much longer as healing is.
const (
	presenceTime = 5 * time.Second
	ghostTime    = 15 * time.Second
)

func (c *campaign) bound(t time.Duration) time.Duration {
	return time.Duration(float64(t) * float64(c.opts.heal) / float64(healTime))
}

// judgePresence looks whether everywhere exactly those are online who are
// connected: now, after some people have gone, and after the server was killed
// that one more was connected to. Nobody writes this down as a history.
func (c *campaign) judgePresence(ctx context.Context) (err error) {
	seen := &c.cluster.presence
	here := make(map[int64]bool)
	for _, d := range c.crowd.Devices {
		here[d.Person().ID] = true
	}
	if seen.all, err = c.awaitOnline(ctx, here, c.cluster.nodes, c.bound(healTime)); err != nil {
		return fmt.Errorf("everybody is connected: %w", err)
	}
	if err := c.leaveSome(here); err != nil {
		return err
	}
	if seen.gone, err = c.awaitOnline(ctx, here, c.cluster.nodes, c.bound(presenceTime)); err != nil {
		return fmt.Errorf("some people have gone: %w", err)
	}
	return c.judgeGhost(ctx, here)
}

// leaveSome lets those people go who have only WebSockets: whoever polls, and is
// silent between two polls, may be on their way for as long as a heartbeat.
func (c *campaign) leaveSome(here map[int64]bool) error {
	stays := make(map[int64]bool)
	for _, d := range c.crowd.Devices {
		if d.Transport() == client.Polling {
			stays[d.Person().ID] = true
		}
	}
	for _, d := range c.crowd.Devices {
		if person := d.Person().ID; !stays[person] {
			d.Leave()
			delete(here, person)
		}
	}
	if len(stays) == 0 || len(here) > len(stays) || c.someGone(here) == nil {
		return errors.New("who is online: there have to be people who poll and people who do not; ask for more clients")
	}
	return nil
}

// judgeGhost lets somebody who has gone come back to one server, and kills that.
func (c *campaign) judgeGhost(ctx context.Context, here map[int64]bool) (err error) {
	ghost := c.someGone(here)
	last := c.cluster.nodes[len(c.cluster.nodes)-1]
	conn, err := client.Dial(ctx, "http://"+last.host(), client.WebSocket, protocol.Auth{Token: ghost.Token})
	if err != nil {
		return err
	}
	defer conn.Close()
	here[ghost.ID] = true
	if _, err := c.awaitOnline(ctx, here, c.cluster.nodes, c.bound(presenceTime)); err != nil {
		return fmt.Errorf("%s has come back: %w", ghost.Name, err)
	}
	delete(here, ghost.ID)
	if err := last.kill(last.running()); err != nil {
		return err
	}
	others := c.cluster.nodes[:len(c.cluster.nodes)-1]
	if c.cluster.presence.ghost, err = c.awaitOnline(ctx, here, others, c.bound(ghostTime)); err != nil {
		return fmt.Errorf("the server of %s was killed: %w", ghost.Name, err)
	}
	return c.startNode(ctx, last)
}

// someGone is somebody who is not here; nil: nobody has gone.
func (c *campaign) someGone(here map[int64]bool) *people.Person {
	for _, d := range c.crowd.Devices {
		if !here[d.Person().ID] {
			return d.Person()
		}
	}
	return nil
}

// awaitOnline waits until on each of the nodes exactly those people are online
// who are here, in every room, and says how long that took. Longer than it may
// is a problem, and for ever an error.
func (c *campaign) awaitOnline(ctx context.Context, here map[int64]bool, nodes []*node, may time.Duration) (took time.Duration, err error) {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, max(4*may, 2*time.Minute))
	defer cancel()
	for {
		wrong, asked := "", time.Now()
		for _, n := range nodes {
			if wrong, err = c.notOnline(ctx, here, n); err != nil || wrong != "" {
				break
			}
		}
		took = asked.Sub(begun)
		switch {
		case err == nil && wrong == "" && took > may:
			c.problem("who is online was right after %v only, and has to be after %v", took, may)
			return took, nil
		case err == nil && wrong == "":
			return took, nil
		}
		if !people.Pause(ctx, 250*time.Millisecond) {
			return took, errors.Join(fmt.Errorf("who is online: %s", wrong), err, context.Cause(ctx))
		}
	}
}

// notOnline says who is wrongly online or offline for whom on a node, nothing if
// all is right. The people who ask are here anyway.
func (c *campaign) notOnline(ctx context.Context, here map[int64]bool, n *node) (wrong string, err error) {
	asked := make(map[int64]bool)
	for _, d := range c.crowd.Devices {
		person := d.Person()
		if !here[person.ID] || asked[person.ID] {
			continue
		}
		asked[person.ID] = true
		conn, err := client.Dial(ctx, "http://"+n.host(), client.WebSocket, protocol.Auth{Token: person.Token})
		if err != nil {
			return "", err
		}
		wrong, err := c.notOnlineFor(conn, person, here)
		conn.Close()
		if err != nil || wrong != "" {
			return fmt.Sprintf("%s for %s", wrong, n.name), err
		}
	}
	return "", nil
}

// notOnlineFor asks over a person's connection about each of their rooms.
func (c *campaign) notOnlineFor(conn *client.Conn, person *people.Person, here map[int64]bool) (wrong string, err error) {
	for _, room := range c.crowd.Rooms {
		members := c.membersOf(room)
		if !slices.Contains(members, person.ID) {
			continue
		}
		var want []int64
		for _, member := range members {
			if here[member] {
				want = append(want, member)
			}
		}
		online, err := onlineIn(conn, room)
		if err != nil {
			return "", err
		}
		slices.Sort(want)
		slices.Sort(online)
		if !slices.Equal(online, want) {
			return fmt.Sprintf("in room %d %v are online, and %v are connected", room, online, want), nil
		}
	}
	return "", nil
}

// onlineIn asks who of a room is online.
func onlineIn(conn *client.Conn, room int64) (online []int64, err error) {
	if err := conn.Emit(protocol.GetOnlineUsers, room, protocol.OnlineRequest{RoomRef: protocol.RoomRef{RoomID: room}}); err != nil {
		return nil, err
	}
	for {
		packet, err := conn.Next()
		if err != nil {
			return nil, err
		}
		if packet.Event != "" || packet.ID != room {
			continue
		}
		var refusal protocol.Refusal
		var ack protocol.OnlineAck
		if err := errors.Join(json.Unmarshal(packet.Arg, &refusal), json.Unmarshal(packet.Arg, &ack)); err != nil {
			return nil, err
		}
		if !refusal.OK {
			return nil, fmt.Errorf("who is online in room %d: %s: %s", room, refusal.Error.Code, refusal.Error.Message)
		}
		for _, user := range ack.Users {
			online = append(online, user.ID)
		}
		return online, nil
	}
}

// membersOf are the people of a room: whoever has a device there, and who made
// it.
func (c *campaign) membersOf(room int64) (members []int64) {
	members = append(members, c.owners[room])
	for _, d := range c.crowd.Devices {
		if d.In(room) && !slices.Contains(members, d.Person().ID) {
			members = append(members, d.Person().ID)
		}
	}
	return members
}
