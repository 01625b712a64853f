package fanout

import (
	"math"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/planted"
)

// audience is a room's subscribers on one shard. It is owned by the shard's
// goroutine.
type audience struct {
	room        chat.RoomID
	subscribers []subscriber
	catching    map[*Client]*catchUp // of the subscribers that catch up
	from        map[*Client]chat.Seq // of the subscribers that may not read from the beginning: from where
}

// subscriber is one socket in an audience. Both lists are dense; together they
// cost 32 bytes a subscription.
type subscriber struct {
	client *Client
	last   chat.Seq // of the last event it was given; catchingUp while frames are held back
}

// catchingUp marks a subscriber whose frames are buffered until its catch-up
// has been sent.
const catchingUp = chat.Seq(math.MaxUint64)

// catchUp holds the frames of a subscriber that is still being sent what came
// before.
type catchUp struct {
	shape Shape
	last  chat.Seq
	held  [][]byte
	ended bool // the person may not read on; the held frames are the last
}

// broadcast gives an event's frame to every subscriber that stands right before
// it, or an ephemeral frame (seq 0) to all.
func (a *audience) broadcast(s *shard, j *job, give func(*shard, *Client, []byte)) {
	given := 0
	for i := 0; i < len(a.subscribers); i++ {
		if i%nearby == 0 {
			a.approach(i)
		}
		sub := &a.subscribers[i]
		c := sub.client
		switch {
		case j.seq == 0:
			if sub.last == catchingUp || j.but != 0 && j.but == c.user {
				continue
			}
		case sub.last+1 == j.seq && sub.last != catchingUp:
			sub.last = j.seq
		case sub.last == catchingUp:
			a.hold(c, j)
			continue
		case sub.last >= j.seq:
			continue // its catch-up held it
		default:
			a.breakOff(s, c, j.seq)
			i-- // another took its place
			continue
		}
		if frame := a.frameFor(c, c.Shape(), j); frame != nil {
			give(s, c, frame)
			given++
		}
	}
	s.delivered.Add(uint64(given))
}

// nearby is how many subscribers are approached together.
const nearby = 16

// approach reads what delivering to the next subscribers will look at. Each of
// them is cold, for the kernel's work on a thousand sockets drives them out of
// the caches between two broadcasts; here the processor waits for all of them
// at once instead of for one after another.
func (a *audience) approach(first int) {
	for _, sub := range a.subscribers[first:min(first+nearby, len(a.subscribers))] {
		sub.client.conn.Approach()
	}
}

// hold keeps an event's frame for a subscriber that catches up.
func (a *audience) hold(c *Client, j *job) {
	up := a.catching[c]
	if up.ended || j.seq <= up.last {
		return
	}
	up.last = j.seq
	if frame := a.frameFor(c, up.shape, j); frame != nil && !planted.FetchThenSubscribe {
		up.held = append(up.held, frame)
	}
}

// breakOff ends a subscription whose numbers have a hole: the client is told to
// begin anew instead of missing something unknowingly. It means a defect.
func (a *audience) breakOff(s *shard, c *Client, seq chat.Seq) {
	hub := c.hub
	hub.logger.Error("a subscription's numbers have a hole", "room", a.room, "user", c.user, "seq", seq)
	if hub.cfg.Reset != nil {
		c.conn.Queue(hub.cfg.Reset(a.room, chat.ResetNumbering, chat.Head{Seq: seq}))
		s.touch(c)
	}
	a.remove(c)
}

// add subscribes a client, who may read from the event from on, from the event
// after last on, held back until live.
func (a *audience) add(c *Client, from, last chat.Seq) {
	c.seats = append(c.seats, seat{a, uint32(len(a.subscribers))})
	a.subscribers = append(a.subscribers, subscriber{c, catchingUp})
	if a.catching == nil {
		a.catching = make(map[*Client]*catchUp)
	}
	a.catching[c] = &catchUp{shape: c.Shape(), last: last}
	if from > 1 {
		if a.from == nil {
			a.from = make(map[*Client]chat.Seq)
		}
		a.from[c] = from
	}
}

// live sends what was held back and lets the client have everything from now
// on as it comes.
func (a *audience) live(s *shard, c *Client) {
	up := a.catching[c]
	if up == nil {
		return
	}
	delete(a.catching, c)
	for _, frame := range up.held {
		c.conn.Queue(frame)
	}
	s.touch(c)
	for _, seat := range c.seats {
		if seat.audience == a {
			a.subscribers[seat.index].last = up.last
		}
	}
	if up.ended {
		a.remove(c)
	}
}

// drop ends the subscriptions of the people whom gone picks.
func (a *audience) drop(gone func(chat.UserID) bool) {
	for i := 0; i < len(a.subscribers); i++ {
		c := a.subscribers[i].client
		if !gone(c.user) {
			continue
		}
		if up := a.catching[c]; up != nil {
			up.ended = true
			continue
		}
		a.remove(c)
		i--
	}
}

// remove takes a client out of the audience, if it is in it.
func (a *audience) remove(c *Client) {
	for i, place := range c.seats {
		if place.audience != a {
			continue
		}
		last := len(a.subscribers) - 1
		if int(place.index) != last {
			moved := a.subscribers[last]
			a.subscribers[place.index] = moved
			moved.client.reseat(a, place.index)
		}
		a.subscribers[last] = subscriber{}
		a.subscribers = a.subscribers[:last]
		end := len(c.seats) - 1
		c.seats[i] = c.seats[end]
		c.seats[end] = seat{}
		c.seats = c.seats[:end]
		delete(a.catching, c)
		_, late := a.from[c]
		delete(a.from, c)
		c.hub.unsubscribed(a.room, c, late)
		return
	}
}

func (c *Client) reseat(a *audience, index uint32) {
	for i := range c.seats {
		if c.seats[i].audience == a {
			c.seats[i].index = index
			return
		}
	}
}
