package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/parleychat/parley/internal/crash/client"
	"github.com/parleychat/parley/protocol"
)

// person is somebody with an account and devices.
type person struct {
	name     string
	email    string
	token    string
	refresh  string    // token
	renewing time.Time // since when the refresh token is being exchanged; zero: it is not
	id       int64
	devices  []*device
	wanders  bool          // leaves rooms for good, now and then
	patience *rate.Limiter // keeps below the server's limit of sends
}

const password = "correct horse battery"

// shape is who takes part in a campaign and how busy they are.
type shape struct {
	people, devices  int     // devices are dealt to the people in turn, at most two each
	rooms, roomsEach int     // in how many of the rooms a person is
	polls            int     // every so-many-th device polls
	calls            float64 // of all sends those over REST
	// Mean times: between two messages of an outbox, between two pages that a
	// device reads, and before it leaves a room or goes.
	thinking, browsing, staying time.Duration
}

// shape is a few people who do everything, or a crowd that sends as fast as it
// may.
func (o *options) shape() shape {
	if o.sends > 0 {
		return shape{people: o.clients, devices: o.clients, rooms: o.clients, roomsEach: 3, polls: 20, calls: 0.01,
			thinking: 10 * time.Millisecond, browsing: 30 * time.Second, staying: 20 * time.Second}
	}
	return shape{people: (o.clients + 1) / 2, devices: o.clients, rooms: 4, roomsEach: 2, polls: 3, calls: 0.1,
		thinking: time.Second, browsing: 1500 * time.Millisecond, staying: time.Second}
}

// enroll makes the accounts and the rooms.
func (c *campaign) enroll(ctx context.Context) error {
	base, err := c.server.address(ctx)
	if err != nil {
		return err
	}
	for i := range c.shape.people {
		p := &person{name: fmt.Sprintf("p%d", i+1), wanders: i%4 == 3, patience: rate.NewLimiter(9, 40)}
		if err := c.register(ctx, base, p); err != nil {
			return err
		}
		c.people = append(c.people, p)
	}
	for i := range c.shape.rooms {
		var room protocol.RoomInfo
		if err := c.rest.call(ctx, base, c.people[i%len(c.people)].token, http.MethodPost, "/api/v1/rooms",
			protocol.CreateRoom{Name: fmt.Sprintf("Room %d", i+1)}, &room); err != nil {
			return fmt.Errorf("create a room: %w", err)
		}
		c.rooms = append(c.rooms, room.ID)
	}
	for i := range c.shape.devices {
		owner := i * c.shape.people / c.shape.devices
		p := c.people[owner]
		d := &device{c: c, name: fmt.Sprintf("%s.d%d", p.name, len(p.devices)+1), person: p, transport: client.WebSocket, settled: make(chan struct{})}
		d.slow = i%5 == 0
		if i%c.shape.polls == 1 {
			d.transport = client.Polling
		}
		for k := range c.shape.roomsEach {
			d.places = append(d.places, newPlace(c.rooms[(owner+k)%len(c.rooms)]))
		}
		p.devices = append(p.devices, d)
		c.devices = append(c.devices, d)
	}
	return nil
}

func (c *campaign) register(ctx context.Context, base string, p *person) error {
	p.email = p.name + "@example.org"
	if err := c.enter(ctx, base, p, "/api/v1/register"); err != nil {
		return fmt.Errorf("register %s: %w", p.email, err)
	}
	return nil
}
