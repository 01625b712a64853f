package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/protocol"
)

// account is somebody with what it takes to sign in.
type account struct {
	people.Person
	email    string
	refresh  string    // token
	renewing time.Time // since when the refresh token is being exchanged; zero: it is not
}

// skews are by how much the clocks of people in a cluster are wrong. One that is
// more than ten minutes behind makes servers look up what was sent in the
// database.
var skews = []time.Duration{0, 4 * time.Minute, -30 * time.Minute}

const password = "correct horse battery"

// shape is who takes part in a campaign and how busy they are.
type shape struct {
	people, devices  int // devices are dealt to the people in turn, at most two each
	more             int // devices of the first person
	rooms, roomsEach int // in how many of the rooms a person is
	polls            int // every so-many-th device polls
	habits           people.Habits
}

// shape is a few people who do everything, or a crowd that sends as fast as it
// may.
func (o *options) shape() shape {
	habits := people.Habits{Heeding: 1, Forgetful: 0.05, Nostalgic: 0.33}
	if o.sends > 0 {
		habits.Calls, habits.Thinking, habits.Browsing, habits.Staying = 0.01, 10*time.Millisecond, 30*time.Second, 20*time.Second
		return shape{people: o.clients, devices: o.clients, rooms: o.clients, roomsEach: 3, polls: 20, habits: habits}
	}
	habits.Calls, habits.Thinking, habits.Browsing, habits.Staying = 0.1, time.Second, 1500*time.Millisecond, time.Second
	rooms, more := 4, 0
	if o.nodes > 0 {
		rooms, habits.Thinking = partitions, 500*time.Millisecond // so that all are used, all the time
		more = 3                                                  // so that somebody has five
	}
	return shape{people: (o.clients + 1) / 2, devices: o.clients, more: more, rooms: rooms, roomsEach: 2, polls: 3, habits: habits}
}

// enroll makes the accounts and the rooms.
func (c *campaign) enroll(ctx context.Context) error {
	base, err := c.address(ctx)
	if err != nil {
		return err
	}
	var accounts []*account
	for i := range c.shape.people {
		a := &account{Person: people.Person{Name: fmt.Sprintf("p%d", i+1), Wanders: i%4 == 3, Patience: people.NewPatience()}}
		if c.cluster != nil {
			a.Skew = skews[i%len(skews)]
		}
		if err := c.register(ctx, base, a); err != nil {
			return err
		}
		accounts = append(accounts, a)
	}
	if c.cluster != nil {
		if err := c.addStranger(ctx, base); err != nil {
			return err
		}
		if err := c.openLobby(ctx, base, accounts); err != nil {
			return err
		}
	}
	for i := range c.shape.rooms {
		var room protocol.RoomInfo
		if err := c.crowd.REST.Call(ctx, base, accounts[i%len(accounts)].Token, http.MethodPost, "/api/v1/rooms",
			protocol.CreateRoom{Name: fmt.Sprintf("Room %d", i+1)}, &room); err != nil {
			return fmt.Errorf("create a room: %w", err)
		}
		c.crowd.Rooms = append(c.crowd.Rooms, room.ID)
		c.owners[room.ID] = accounts[i%len(accounts)].ID
	}
	friends := accounts[:min(len(accounts), 3)] // none of them wanders
	if last := len(friends) - 1; c.cluster != nil && last > 0 {
		// Everybody is in the room that they have made and in the one behind it.
		c.appoint(&warden{room: c.crowd.Rooms[last], public: true, governor: friends[last], outcast: friends[last-1]})
	}
	private, err := c.openPrivate(ctx, base, friends)
	if err != nil {
		return err
	}
	for i := range c.shape.devices + c.shape.more {
		owner := i * c.shape.people / c.shape.devices
		if i >= c.shape.devices {
			owner = 0
		}
		transport := client.WebSocket
		if i%c.shape.polls == 1 {
			transport = client.Polling
		}
		var rooms []int64
		for k := range c.shape.roomsEach {
			rooms = append(rooms, c.crowd.Rooms[(owner+k)%len(c.crowd.Rooms)])
		}
		if owner < len(friends) {
			rooms = append(rooms, private...)
		}
		second := len(accounts[owner].Devices) == 1
		d := c.crowd.Add(&accounts[owner].Person, transport, rooms...)
		if c.cluster != nil && second {
			c.ownSession(d, accounts[owner])
		}
		if i%5 == 0 {
			d.ReadSlowly()
		}
	}
	return nil
}

// openPrivate makes rooms of a few people of a cluster, one that new members may
// read from the beginning and one that they may not. The one who reads
// everything in the end is in both.
func (c *campaign) openPrivate(ctx context.Context, base string, friends []*account) (rooms []int64, err error) {
	if c.cluster == nil {
		return nil, nil
	}
	members := []int64{c.stranger.ID}
	for _, a := range friends[1:] {
		members = append(members, a.ID)
	}
	c.crowd.Private = make(map[int64]bool)
	for _, kind := range []string{"private", "group"} {
		var room protocol.RoomInfo
		if err := c.crowd.REST.Call(ctx, base, friends[0].Token, http.MethodPost, "/api/v1/rooms",
			protocol.CreateRoom{Kind: kind, Name: "A few " + kind, Members: members}, &room); err != nil {
			return nil, fmt.Errorf("create a %s room: %w", kind, err)
		}
		rooms = append(rooms, room.ID)
		c.crowd.Private[room.ID], c.owners[room.ID] = true, friends[0].ID
	}
	c.crowd.Rooms = append(c.crowd.Rooms, rooms...)
	if len(friends) > 2 { // in a group nobody can be thrown out
		c.appoint(&warden{room: rooms[0], governor: friends[0], outcast: friends[2]})
	}
	return rooms, nil
}

func (c *campaign) register(ctx context.Context, base string, p *account) error {
	p.email = p.Name + "@example.org"
	if err := c.enter(ctx, base, p, "/api/v1/register"); err != nil {
		return fmt.Errorf("register %s: %w", p.email, err)
	}
	return nil
}
