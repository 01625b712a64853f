package fanout

import (
	"slices"
	"sync/atomic"

	"github.com/parleychat/parley/chat"
)

// Conn is one client's connection as the hub sees it. Its methods are called
// from one shard's goroutine only and must not block.
type Conn interface {
	// Queue appends a frame to what the connection will be sent, without
	// sending it. It reports false when the connection takes nothing more.
	Queue(frame []byte) bool
	// Send is Queue and Flush of one frame.
	Send(frame []byte) bool
	// Approach reads what Send will look at, so that it is near, and does
	// nothing else.
	Approach()
	// Flush sends everything that is queued, as far as the connection takes
	// it without waiting.
	Flush()
}

// Client is a connection that the hub can deliver to.
//
// What a broadcast looks at stands first, in one cache line.
type Client struct {
	conn    Conn
	shape   atomic.Uint32
	touched bool // is in the shard's list of connections to flush; owned by the shard's goroutine

	// Owned by the shard's goroutine.
	detached bool
	seats    []seat // the rooms it is subscribed to

	hub   *Hub
	user  chat.UserID
	shard *shard
}

// seat is a client's place in one audience.
type seat struct {
	audience *audience
	index    uint32 // in the audience's list
}

// Attach makes a connection known to the hub, so that it can be subscribed and
// answered.
func (h *Hub) Attach(conn Conn, user chat.UserID) *Client {
	c := &Client{
		hub: h, conn: conn, user: user,
		shard: h.shards[int(h.nextShard.Add(1))%len(h.shards)],
	}
	h.clientsMu.Lock()
	defer h.clientsMu.Unlock()
	h.clients[user] = append(h.clients[user], c)
	return c
}

// Detach ends all subscriptions of the client. Later calls for it do nothing.
func (c *Client) Detach() {
	h := c.hub
	h.clientsMu.Lock()
	rest := slices.DeleteFunc(h.clients[c.user], func(other *Client) bool { return other == c })
	if len(rest) == 0 {
		delete(h.clients, c.user)
	} else {
		h.clients[c.user] = rest
	}
	h.clientsMu.Unlock()
	c.shard.post(job{run: func(s *shard) {
		c.detached = true
		for len(c.seats) > 0 {
			c.seats[len(c.seats)-1].audience.remove(c)
		}
	}})
}

// User is whose connection this is.
func (c *Client) User() chat.UserID { return c.user }

// Conn is the connection that was attached.
func (c *Client) Conn() Conn { return c.conn }

// SetShape chooses the form of the frames of subscriptions made from now on.
func (c *Client) SetShape(s Shape) { c.shape.Store(uint32(s)) }

// Shape is the form of this client's frames.
func (c *Client) Shape() Shape { return Shape(c.shape.Load()) }

// Post runs fn on the client's shard, behind everything that was posted to it
// before, and flushes the connection afterwards. fn must not block.
func (c *Client) Post(fn func()) {
	c.shard.post(job{to: c, run: func(s *shard) {
		fn()
		s.touch(c)
	}})
}

// Subscribed reports whether the client is subscribed to a room, or catches up
// with it. It is for functions that run on the client's shard: see
// [Client.Post].
func (c *Client) Subscribed(room chat.RoomID) bool {
	for _, place := range c.seats {
		if place.audience.room == room {
			return true
		}
	}
	return false
}

// Clients returns the connections of a person on this node.
func (h *Hub) Clients(user chat.UserID) []*Client {
	h.clientsMu.RLock()
	defer h.clientsMu.RUnlock()
	return slices.Clone(h.clients[user])
}

// EachClient calls fn for every connection on this node.
func (h *Hub) EachClient(fn func(*Client)) {
	h.clientsMu.RLock()
	defer h.clientsMu.RUnlock()
	for _, clients := range h.clients {
		for _, c := range clients {
			fn(c)
		}
	}
}
