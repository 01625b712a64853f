package client

import "time"

func init() {
	// Tests cut more often than life does.
	reconnect = backoff{first: 50 * time.Millisecond, most: 400 * time.Millisecond}
}

// SetQueueLimit makes readers slow sooner.
func (c *Client) SetQueueLimit(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queueLimit = n
}

// Waiting is how many events wait for Next.
func (r *Room) Waiting() int {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	return len(r.queue)
}

// IsFull reports that the room takes nothing because its reader is behind.
func (r *Room) IsFull() bool {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	return r.phase == full
}
