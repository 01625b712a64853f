//go:build unix

package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	crashclient "github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/server"
)

// told is what one socket was told of who comes and goes.
type told struct {
	mu       sync.Mutex
	messages int
	mentions int            // of people, in all messages
	online   map[int64]bool // by what it was told
}

// listen counts until the socket ends.
func (c *told) listen(conn *crashclient.Conn) {
	for {
		packet, err := conn.Next()
		if err != nil {
			return
		}
		var change protocol.PresenceChange
		if packet.Event != protocol.Presence || json.Unmarshal(packet.Arg, &change) != nil {
			continue
		}
		c.mu.Lock()
		c.messages++
		c.mentions += len(change.Online) + len(change.Offline)
		for _, person := range change.Online {
			c.online[person.ID] = true
		}
		c.mu.Unlock()
	}
}

func (c *told) knows(everybody []int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range everybody {
		if !c.online[id] {
			return false
		}
	}
	return true
}

// TestCrowdIsToldOnce: people come into one room one after another, half of them
// on another server. Whoever is there is told of each of them once or twice, and
// in one message for each tick: what is told grows with the people for each of
// them, not with the people times those who come.
func TestCrowdIsToldOnce(t *testing.T) {
	const (
		here, elsewhere = 10, 10
		tick            = 200 * time.Millisecond
	)
	redis := services.PrivateRedis(t)
	cfg := config(t)
	cfg.Redis = server.RedisURL(redis.URL())
	n := start(t, cfg)
	var people []*client
	var ids []int64
	for i := range here + elsewhere {
		c := n.join(fmt.Sprintf("p%d@example.org", i))
		var me struct{ ID int64 }
		c.do("GET", "/api/v1/me", nil).want(http.StatusOK).into(&me)
		people, ids = append(people, c), append(ids, me.ID)
	}
	room := people[0].room("Square")
	for _, c := range people[1:] {
		c.do("POST", room+"/join", struct{}{})
	}
	id, err := strconv.ParseInt(path.Base(room), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	await(t, "Redis to be used", func() bool { return strings.HasPrefix(n.part("presence"), "ok, shared") })
	keys, err := redis.Do("KEYS", "*:presence:nodes")
	if err != nil {
		t.Fatal(err)
	}
	prefix := strings.TrimSuffix(keys, "nodes")

	begun := time.Now()
	var watching []*told
	for i := range here {
		conn := people[i].sit().socket
		if err := conn.Emit(protocol.JoinRoom, 1, protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomID: id}}); err != nil {
			t.Fatal(err)
		}
		for packet, err := conn.Next(); packet.Event != ""; packet, err = conn.Next() {
			if err != nil {
				t.Fatal(err)
			}
		}
		c := &told{online: make(map[int64]bool)}
		watching = append(watching, c)
		go c.listen(conn)
		version, other := strconv.Itoa(i+1), strconv.FormatInt(ids[here+i], 10)
		for _, command := range [][]string{
			{"HSET", prefix + "node:other", "v", version, other, "1"},
			{"PEXPIRE", prefix + "node:other", "600000"},
			{"SADD", prefix + "nodes", "other"},
			{"PUBLISH", prefix + "news", fmt.Sprintf(`{"node":"other","from":%d,"to":%s,"sockets":{%q:1}}`, i, version, other)},
		} {
			if _, err := redis.Do(command...); err != nil {
				t.Fatal(err)
			}
		}
		// The next ones come behind the tick that tells of these.
		present := append(slices.Clone(ids[1:i+1]), ids[here:here+i+1]...)
		await(t, "the first to know of everybody", func() bool { return watching[0].knows(present) })
	}
	ticks := int(time.Since(begun)/tick) + 2
	for i, c := range watching {
		c.mu.Lock()
		if c.mentions > 2*len(ids) || c.messages > ticks {
			t.Errorf("person %d was told %d times of somebody in %d messages, want %d times at most, in %d", i, c.mentions, c.messages, 2*len(ids), ticks)
		}
		c.mu.Unlock()
	}
}
