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
	"testing"
	"time"

	crashclient "github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/server"
)

func TestRedisSettings(t *testing.T) {
	for address, good := range map[string]bool{
		"":                                  true,
		"redis://redis:6379":                true,
		"redis://redis":                     true,
		"rediss://parley:a%40b@redis:6380/": true,
		"redis://:sesame@redis:6379/3":      true,
		"redis://:sesame@redis:6379/three":  false,
		"redis://:sesame@redis:6379/1/2":    false,
		"redis://:sesame@redis?db=1":        false,
		"redis://:ses@me@redis:port":        false,
		"redis:sesame":                      false,
		"http://:sesame@redis":              false,
		"redis:6379":                        false,
	} {
		cfg := server.Default()
		cfg.NodeID, cfg.Redis = "n", server.RedisURL(address)
		err := cfg.Validate()
		if (err == nil) != good {
			t.Errorf("%q: got %v, want it accepted: %v", address, err, good)
		}
		if err != nil && !strings.Contains(err.Error(), "redis://host:port") {
			t.Errorf("%q: %v does not say what to write", address, err)
		}
		for _, text := range []string{fmt.Sprint(err), fmt.Sprint(cfg.Redis), fmt.Sprintf("%+v", cfg)} {
			if strings.Contains(text, "sesame") || strings.Contains(text, "ses@me") {
				t.Errorf("the password is printed: %s", text)
			}
		}
	}
}

// part is what /readyz says of one.
func (n *node) part(name string) string {
	n.t.Helper()
	var ready struct{ Parts map[string]string }
	n.client().do("GET", "/readyz", nil).want(http.StatusOK).into(&ready)
	return ready.Parts[name]
}

// sits is somebody with a socket.
type sits struct {
	t      *testing.T
	socket *crashclient.Conn
	calls  int64
}

func (c *client) sit() *sits {
	c.t.Helper()
	socket, err := crashclient.Dial(c.t.Context(), c.url, crashclient.WebSocket, map[string]string{"token": c.token})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(socket.Close)
	return &sits{t: c.t, socket: socket}
}

// online asks who of a room's members is.
func (s *sits) online(room string) (names []string) {
	s.t.Helper()
	id, err := strconv.ParseInt(path.Base(room), 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	s.calls++
	if err := s.socket.Emit(protocol.GetOnlineUsers, s.calls, protocol.OnlineRequest{RoomRef: protocol.RoomRef{RoomID: id}}); err != nil {
		s.t.Fatal(err)
	}
	for {
		packet, err := s.socket.Next()
		if err != nil {
			s.t.Fatal(err)
		}
		if packet.Event != "" || packet.ID != s.calls {
			continue
		}
		var ack protocol.OnlineAck
		if err := json.Unmarshal(packet.Arg, &ack); err != nil || !ack.OK {
			s.t.Fatalf("%s: %v", packet.Arg, err)
		}
		for _, user := range ack.Users {
			names = append(names, user.Name)
		}
		slices.Sort(names)
		return names
	}
}

func (s *sits) awaitOnline(room string, want ...string) {
	s.t.Helper()
	var got []string
	await(s.t, fmt.Sprintf("%v to be online", want), func() bool {
		time.Sleep(50 * time.Millisecond) // so as not to be limited
		got = s.online(room)
		return slices.Equal(got, want)
	})
}

// A server goes on without Redis, knows again who is elsewhere when it is back,
// and says so. The other server is played by hand.
func TestPresenceOverRedis(t *testing.T) {
	redis := services.PrivateRedis(t)
	if err := redis.Kill(); err != nil {
		t.Fatal(err)
	}
	cfg := config(t)
	cfg.Redis = server.RedisURL(redis.URL())
	n := start(t, cfg) // it is not there yet
	ann, bo := n.join("ann@example.org"), n.join("bo@example.org")
	room := ann.room("General")
	bo.do("POST", room+"/join", struct{}{})
	sits := ann.sit()
	sits.awaitOnline(room, "ann")
	await(t, "the lack of Redis to be told", func() bool { return strings.HasPrefix(n.part("presence"), "degraded: ") })
	ann.say(room, "nobody needs it")

	if err := redis.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "Redis to be used", func() bool { return n.part("presence") == "ok, shared over Redis with 0 other servers" })
	keys, err := redis.Do("KEYS", "*:presence:nodes")
	if err != nil {
		t.Fatal(err)
	}
	prefix := strings.TrimSuffix(keys, "nodes")
	var me struct{ ID json.Number }
	bo.do("GET", "/api/v1/me", nil).want(http.StatusOK).into(&me)
	elsewhere := func() {
		t.Helper()
		for _, command := range [][]string{
			{"HSET", prefix + "node:other", "v", "1", me.ID.String(), "1"},
			{"PEXPIRE", prefix + "node:other", "600000"},
			{"SADD", prefix + "nodes", "other"},
			{"PUBLISH", prefix + "news", `{"node":"other","to":1}`},
		} {
			if _, err := redis.Do(command...); err != nil {
				t.Fatal(err)
			}
		}
	}
	elsewhere()
	sits.awaitOnline(room, "ann", "bo")
	await(t, "the other server to be told", func() bool { return n.part("presence") == "ok, shared over Redis with 1 other servers" })

	if err := redis.Kill(); err != nil {
		t.Fatal(err)
	}
	sits.awaitOnline(room, "ann")
	await(t, "the lack of Redis to be told", func() bool { return strings.HasPrefix(n.part("presence"), "degraded: ") })
	ann.say(room, "nobody needs it still")
	if err := redis.Start(); err != nil {
		t.Fatal(err)
	}
	elsewhere()
	sits.awaitOnline(room, "ann", "bo")

	n.stop()
	if keys, err := redis.Do("KEYS", "*:presence:node:*"); err != nil || keys != prefix+"node:other" {
		t.Errorf("in Redis after the stop: %q, %v", keys, err)
	}
	if tellsPassword(n.log.String()) {
		t.Error("the log has the password")
	}
}

// A Redis that accepts and never answers holds up no start.
func TestStartWithSilentRedis(t *testing.T) {
	redis := services.PrivateRedis(t)
	if err := redis.Pause(); err != nil {
		t.Fatal(err)
	}
	cfg := config(t)
	cfg.Redis = server.RedisURL(redis.URL())
	n := start(t, cfg)
	ann := n.join("ann@example.org")
	room := ann.room("General")
	sits := ann.sit()
	sits.awaitOnline(room, "ann")
	if err := redis.Resume(); err != nil {
		t.Fatal(err)
	}
	await(t, "Redis to be used", func() bool { return n.part("presence") == "ok, shared over Redis with 0 other servers" })
}

func TestDoctorOfRedis(t *testing.T) {
	redis := services.PrivateRedis(t)
	cfg := config(t)
	cfg.Redis = server.RedisURL(redis.URL())
	examine(t, cfg).want(t, "redis", server.LevelOK, "answers")
	wrong := cfg
	wrong.Redis = server.RedisURL("redis://:sesame@" + redis.Addr())
	found := examine(t, wrong)
	found.want(t, "redis", server.LevelFail, "does not answer")
	if text := fmt.Sprint(found); strings.Contains(text, "sesame") {
		t.Errorf("the password is printed: %s", text)
	}
	if err := redis.Kill(); err != nil {
		t.Fatal(err)
	}
	examine(t, cfg).want(t, "redis", server.LevelFail, "does not answer")
}
