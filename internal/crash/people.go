package main

import (
	"context"
	"fmt"
	"net/http"

	"golang.org/x/time/rate"

	"github.com/parleychat/parley/internal/crash/client"
	"github.com/parleychat/parley/protocol"
)

// person is somebody with an account and devices.
type person struct {
	name     string
	email    string
	token    string
	id       int64
	devices  []*device
	wanders  bool          // leaves rooms for good, now and then
	patience *rate.Limiter // keeps below the server's limit of sends
}

const password = "correct horse battery"

// rooms of a campaign, and in how many of them a person is.
const (
	roomCount = 4
	roomsEach = 2
)

// enroll makes the accounts and the rooms.
func (c *campaign) enroll(ctx context.Context) error {
	base, err := c.server.address(ctx)
	if err != nil {
		return err
	}
	for i := range (c.opts.clients + 1) / 2 {
		p := &person{name: fmt.Sprintf("p%d", i+1), wanders: i%4 == 3, patience: rate.NewLimiter(9, 40)}
		if err := c.register(ctx, base, p); err != nil {
			return err
		}
		c.people = append(c.people, p)
	}
	for i := range roomCount {
		var room protocol.RoomInfo
		if err := c.rest.call(ctx, base, c.people[0].token, http.MethodPost, "/api/v1/rooms",
			protocol.CreateRoom{Name: fmt.Sprintf("Room %d", i+1)}, &room); err != nil {
			return fmt.Errorf("create a room: %w", err)
		}
		c.rooms = append(c.rooms, room.ID)
	}
	for i := range c.opts.clients {
		p := c.people[i/2]
		d := &device{c: c, name: fmt.Sprintf("%s.d%d", p.name, i%2+1), person: p, transport: client.WebSocket, settled: make(chan struct{})}
		if i%3 == 1 {
			d.transport = client.Polling
		}
		for k := range roomsEach {
			d.places = append(d.places, newPlace(c.rooms[(i/2+k)%roomCount]))
		}
		p.devices = append(p.devices, d)
		c.devices = append(c.devices, d)
	}
	return nil
}

func (c *campaign) register(ctx context.Context, base string, p *person) error {
	p.email = p.name + "@example.org"
	var in protocol.SignedIn
	if err := c.rest.call(ctx, base, "", http.MethodPost, "/api/v1/register", protocol.Credentials{Email: p.email, Password: password}, &in); err != nil {
		return fmt.Errorf("register %s: %w", p.email, err)
	}
	p.token, p.id = in.Token, in.User.ID
	return nil
}
