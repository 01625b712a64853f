package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/protocol"
)

// historian asks for what was said, as old and new clients do.
type historian struct {
	t      *testing.T
	person *rig.Person
	socket *rig.Socket
	room   protocol.RoomInfo
	said   []string
}

func (h *historian) say(n int) {
	h.t.Helper()
	for range n {
		text := fmt.Sprint("message ", len(h.said))
		h.socket.Say(h.room.ID, text)
		h.said = append(h.said, text)
	}
}

// recent are the last messages, the newest first.
func (h *historian) recent(count int) (texts []string) {
	h.t.Helper()
	var ack protocol.RecentAck
	h.socket.Ask(&ack, protocol.GetRecentMessages, protocol.RecentRequest{RoomRef: protocol.RoomRef{RoomID: h.room.ID}, Count: count})
	for _, message := range ack.Messages {
		texts = append(texts, message.MessageText)
	}
	return texts
}

// wantAll fails unless every reading has what was said, whole and once.
func (h *historian) wantAll(when string) {
	h.t.Helper()
	newest := slices.Clone(h.said)
	slices.Reverse(newest)
	for _, count := range []int{1, 20, 200} {
		if got, want := h.recent(count), newest[:min(count, len(newest))]; !slices.Equal(got, want) {
			h.t.Errorf("%s: the last %d: got %q, want %q", when, count, got, want)
		}
	}
	page := h.person.Page(h.room.ID, "?limit=200")
	if got := rig.Texts(page.Events); !slices.Equal(got, h.said) {
		h.t.Errorf("%s: a page: got %q, want %q", when, got, h.said)
	}
}

// R1 to R6, A5: history is right whatever becomes of Redis, and nothing of it
// lies there: what is kept in Redis neither grows with what is said nor has
// names that people choose.
func historyWithoutRedis(t *testing.T) {
	redis := services.PrivateRedis(t, "--maxmemory-policy", "allkeys-random")
	server := rig.Serve(t, rig.WithEnv("PARLEY_REDIS="+redis.URL()))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do := func(command ...string) string {
		t.Helper()
		answer, err := redis.Do(command...)
		must(err)
		return answer
	}
	anna := server.Register("anna")
	h := &historian{t: t, person: anna, room: anna.CreateRoom("harbour")}
	connect := func() {
		h.socket = anna.Connect()
		h.socket.Join(h.room.ID)
	}
	connect()
	rig.Eventually(t, "two keys in Redis", func() bool { return do("DBSIZE") == "2" })
	keys := strings.Fields(do("KEYS", "*"))
	slices.Sort(keys)
	h.say(5)
	h.wantAll("with Redis")
	for _, count := range []int{0, -1, 1000} { // R4
		if got := len(h.recent(count)); got != 5 {
			t.Errorf("count %d: got %d messages of 5", count, got)
		}
	}

	// R2, R5: what was said before is there after each of these, and the server
	// is the same process.
	faults := []struct {
		when        string
		cause, heal func()
	}{
		{"flushed", func() { do("FLUSHALL") }, func() {}},
		{"killed", func() { must(redis.Kill()) }, func() { must(redis.Start()) }},
		{"paused", func() { must(redis.Pause()) }, func() { must(redis.Resume()) }},
		{"evicting", func() { do("CONFIG", "SET", "maxmemory", "1") }, func() { do("CONFIG", "SET", "maxmemory", "0") }},
		{"refusing", func() { do("CONFIG", "SET", "maxmemory", "1", "maxmemory-policy", "noeviction") }, func() { do("CONFIG", "SET", "maxmemory", "0") }},
		{"poisoned", func() {
			for _, key := range keys {
				do("SET", key, "nonsense")
			}
		}, func() {}},
	}
	for _, fault := range faults {
		fault.cause()
		h.say(3)
		h.wantAll(fault.when)
		fault.heal()
		h.say(3)
		h.wantAll("no longer " + fault.when)
	}

	// R3: many cold readers at once get the same; R6: there is a database behind.
	server.Restart()
	connect()
	rig.Together(t, 8, func(int) error {
		var messages []protocol.TurboMessage
		err := anna.TryCall(&messages, http.MethodGet, fmt.Sprintf("/api/chat/%d/messages", h.room.ID), nil)
		got := turboTexts(messages)
		slices.Reverse(got)
		if want := h.said[len(h.said)-20:]; err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("a cold reader got %q, want %q", got, want)
		}
		return err
	})
	h.wantAll("after a restart of the server")

	// R1, A5: rooms named like keys, and all that was said, leave no trace.
	for _, key := range keys {
		other := anna.CreateRoom(key)
		h.socket.Join(other.ID)
		h.socket.Say(other.ID, key)
	}
	rig.Eventually(t, "two keys in Redis again", func() bool {
		now := strings.Fields(do("KEYS", "*"))
		return len(now) == 2 && slices.Contains(now, keys[1])
	})
	for _, key := range strings.Fields(do("KEYS", "*")) {
		if strings.Contains(key, ":presence:node:") && do("HLEN", key) != "2" {
			t.Errorf("%s has %s fields, want anna and a version", key, do("HLEN", key))
		}
	}
}

// clusterReadsCold: whatever becomes of the Redis that several servers share,
// all of them show the whole history, to many who read at once too, and what is
// said leaves nothing there.
func clusterReadsCold(t *testing.T, redis *services.Redis, people []*rig.Person) {
	must := func(_ string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	room := protocol.RoomInfo{ID: createAtLast(t, people[0], "icehouse")}
	var readers []*historian
	for _, person := range people {
		h := &historian{t: t, person: person, socket: person.Connect(), room: room}
		defer h.socket.Cut()
		h.socket.Join(room.ID)
		readers = append(readers, h)
	}
	keys := func() []string {
		t.Helper()
		answer, err := redis.Do("KEYS", "*")
		must(answer, err)
		keys := strings.Fields(answer)
		slices.Sort(keys)
		return keys
	}
	var before []string
	rig.Eventually(t, "each server's presence in Redis", func() bool { before = keys(); return len(before) == len(people)+1 })
	said := func(n int, when string) {
		t.Helper()
		readers[0].say(n)
		for _, h := range readers {
			h.said = readers[0].said
			h.wantAll(when)
		}
	}
	said(21, "with Redis")
	if after := keys(); !slices.Equal(after, before) { // R1
		t.Errorf("what was said has changed the keys of Redis from %q to %q", before, after)
	}
	for _, count := range []int{0, -1, 1000} { // R4
		if got := len(readers[1].recent(count)); got != 20 && got != 21 {
			t.Errorf("count %d: got %d messages of 21", count, got)
		}
	}
	must(redis.Do("FLUSHALL")) // R2
	said(1, "flushed")
	for _, key := range before {
		must(redis.Do("SET", key, "nonsense"))
	}
	said(1, "poisoned")
	must("", redis.Kill()) // R5
	said(1, "killed")
	// R3, R6: readers at all servers at once, and there is a database behind.
	rig.Together(t, 4*len(people), func(i int) error {
		var messages []protocol.TurboMessage
		err := people[i%len(people)].TryCall(&messages, http.MethodGet, fmt.Sprintf("/api/chat/%d/messages", room.ID), nil)
		got := turboTexts(messages)
		slices.Reverse(got)
		if want := readers[0].said[len(readers[0].said)-20:]; err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("a cold reader got %q, want %q", got, want)
		}
		return err
	})
	must("", redis.Start())
	said(1, "started again")
}
