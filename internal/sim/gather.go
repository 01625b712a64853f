package sim

import (
	"context"
	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/internal/sim/memnet"
	"net"
	"slices"
	"sync/atomic"
	"time"
)

// link is the latest connection of a device.
type link struct{ atomic.Pointer[memnet.Conn] }

// gather chooses who takes part, with which devices, in which rooms.
func (r *run) gather() {
	r.crowd.Habits = people.Habits{
		Thinking: []time.Duration{700 * time.Millisecond, 1500 * time.Millisecond, 4 * time.Second}[r.dice.Below(3)],
		Browsing: 2 * time.Second, Staying: 2 * time.Second, Calls: 0.05, Heeding: 0.5, Forgetful: 0.05, Nostalgic: 0.33,
	}
	rooms := 2 + r.dice.Below(templateRooms-2)
	r.crowd.Rooms = slices.Clone(r.tmpl.rooms[:rooms])
	if r.opts.Deep {
		r.crowd.Habits.Forgetful, r.crowd.Habits.Nostalgic = 0.25, 0.67
		r.crowd.Rooms[0] = r.tmpl.deep()
		r.tmpl.recall(r.history)
	}
	some := 3 + min(r.dice.Below(templatePeople-2), r.dice.Below(templatePeople-2))
	if r.opts.Crowd {
		r.crowd.Rooms, some, rooms = r.crowd.Rooms[:1], 3, 1
	}
	for i, k := range r.dice.Order(templatePeople)[:some] {
		known := r.tmpl.people[k]
		p := &people.Person{Name: known.name, ID: known.id, Token: known.token, Wanders: r.dice.In(0.2), Patience: people.NewPatience()}
		if r.dice.In(0.15) {
			p.Skew = r.dice.UpTo(20*time.Minute) - 10*time.Minute
			r.met("sender's clock wrong")
		}
		devices := 1 + r.dice.Below(2)
		if r.opts.Crowd {
			devices = 2
		}
		if i == 0 && r.opts.Five {
			devices, p.Wanders = 5, false
		}
		in := r.dice.Order(rooms)[:1+r.dice.Below(min(rooms, 2))]
		if r.opts.Deep && !slices.Contains(in, 0) {
			in[0] = 0
		}
		for range devices {
			r.equip(p, in)
		}
	}
}

// equip gives somebody one more device.
func (r *run) equip(p *people.Person, in []int) {
	transport := client.WebSocket
	if !r.opts.Crowd && r.dice.In(0.15) {
		transport = client.Polling
	}
	var rooms []int64
	for _, room := range in {
		rooms = append(rooms, r.crowd.Rooms[room])
	}
	latest := new(link)
	r.links = append(r.links, latest)
	r.crowd.Add(p, transport, rooms...).Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := r.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		latest.Store(conn.(*memnet.Conn))
		return conn, nil
	}
}
