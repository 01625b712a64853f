package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/protocol"
)

// lobby is a room of everybody, and of some who do nothing but come and go. Who
// is online there is asked of every server all the time.
type lobby struct {
	room     int64
	members  []int64
	visitors []*account
	watcher  *account
}

// visitors is how many people come and go: the last one polls.
const visitors = 4

// openLobby makes the room.
func (c *campaign) openLobby(ctx context.Context, base string, everybody []*account) error {
	l := &c.cluster.lobby
	for _, a := range everybody {
		l.members = append(l.members, a.ID)
	}
	for i := range visitors {
		a := &account{Person: people.Person{Name: fmt.Sprintf("visitor%d", i+1)}}
		if err := c.register(ctx, base, a); err != nil {
			return err
		}
		l.visitors, l.members = append(l.visitors, a), append(l.members, a.ID)
	}
	l.watcher = &account{Person: people.Person{Name: "watcher"}}
	if err := c.register(ctx, base, l.watcher); err != nil {
		return err
	}
	var room protocol.RoomInfo
	err := c.crowd.REST.Call(ctx, base, l.watcher.Token, http.MethodPost, "/api/v1/rooms",
		protocol.CreateRoom{Kind: "private", Name: "Lobby", Members: l.members}, &room)
	l.room = room.ID
	return err
}

// frequent lets people come and go in the lobby, and asks who is there, until
// ctx ends.
func (c *campaign) frequent(ctx context.Context) {
	var all sync.WaitGroup
	for i, v := range c.cluster.lobby.visitors {
		all.Go(func() {
			if i == visitors-1 {
				c.visit(ctx, v, client.Polling, 15*time.Second, 70*time.Second)
			} else {
				c.visit(ctx, v, client.WebSocket, 12*time.Second, 12*time.Second)
			}
		})
	}
	for _, n := range c.cluster.nodes {
		all.Go(func() { c.watch(ctx, n) })
	}
	all.Wait()
}

// visit lets somebody come for a while and go for a while, about so long. Who
// polls is away for longer than it takes to notice.
func (c *campaign) visit(ctx context.Context, v *account, transport client.Transport, stays, away time.Duration) {
	for ctx.Err() == nil {
		base, err := c.address(ctx)
		if err != nil {
			return
		}
		c.history.Write(check.Line{What: check.Connect, Device: v.Name, Event: check.Event{User: v.ID}, Via: string(transport)})
		conn, err := client.Dial(ctx, base, transport, protocol.Auth{Token: v.Token})
		if err != nil {
			c.history.Write(check.Line{What: check.Close, Device: v.Name, Code: "refused"})
			people.Pause(ctx, time.Second)
			continue
		}
		c.history.Write(check.Line{What: check.Connected, Device: v.Name})
		late, cancel := context.WithTimeout(ctx, stays/2+c.dice.UpTo(stays))
		code := c.stay(late, v, conn)
		cancel()
		c.history.Write(check.Line{What: check.Close, Device: v.Name, Code: code})
		people.Pause(ctx, away/2+c.dice.UpTo(away))
	}
}

// stay is there until ctx ends, or the connection, and says why it was that.
func (c *campaign) stay(ctx context.Context, v *account, conn *client.Conn) (code string) {
	stop := context.AfterFunc(ctx, conn.Close)
	defer conn.Close()
	for {
		packet, err := conn.Next()
		if err != nil {
			if !stop() && code == "" {
				code = "client"
			}
			return code
		}
		c.crowd.Heard(v.ID, packet.Arg)
		var notice protocol.ProblemNotice
		if packet.Event == protocol.Problem && json.Unmarshal(packet.Arg, &notice) == nil && code == "" {
			code = notice.Code
		}
	}
}

// How often a server is asked who is online, and how long it may take.
const (
	lookEvery = time.Second
	lookTime  = 10 * time.Second
)

// watch asks a server again and again who is in the lobby.
func (c *campaign) watch(ctx context.Context, n *node) {
	for people.Pause(ctx, lookEvery) {
		host := n.host()
		if host == "" {
			continue
		}
		conn, err := client.Dial(ctx, "http://"+host, client.WebSocket, protocol.Auth{Token: c.cluster.lobby.watcher.Token})
		if err != nil {
			continue
		}
		for c.askWho(ctx, n, conn) && people.Pause(ctx, lookEvery) {
		}
		conn.Close()
	}
}

// askWho asks once, and reports whether there was an answer.
func (c *campaign) askWho(ctx context.Context, n *node, conn *client.Conn) bool {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	stop := context.AfterFunc(ctx, conn.Close)
	defer stop()
	l := &c.cluster.lobby
	line := check.Line{What: check.Look, Place: n.name, Room: l.room, Call: c.history.Call(), Members: l.members, Within: int64(c.bound(presenceTime))}
	c.history.Write(line)
	online, err := onlineIn(conn, l.room)
	if err != nil {
		return false
	}
	c.history.Write(check.Line{What: check.Online, Room: l.room, Call: line.Call, Members: online})
	return true
}
