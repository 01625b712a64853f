package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	wire "github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/protocol"
)

// screen is a device that shows what is unread, by the rules of docs/reading.md
// and no others.
type screen struct {
	t     *testing.T
	name  string
	owner *client
	me    int64

	conn  *wire.Conn
	ended chan struct{} // closed when the connection's reader has ended
	next  int64

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when something came
	waiting map[int64]chan json.RawMessage
	rooms   map[int64]*shown
}

// shown is a room on a screen.
type shown struct {
	cursor   string // of the last event held
	seq, n   uint64 // of the newest head that is known
	read     protocol.ReadMark
	readAt   uint64 // seq of the head that came with read
	mentions int
}

// counts are what a person sees of a room.
type counts struct {
	Read     protocol.ReadMark
	Unread   uint64
	Mentions int
}

func (c *client) screen(name string) *screen {
	s := &screen{t: c.t, name: name, owner: c, me: c.me(), changed: make(chan struct{}), waiting: make(map[int64]chan json.RawMessage), rooms: make(map[int64]*shown)}
	s.connect()
	c.t.Cleanup(s.cut)
	return s
}

// connect comes back: it asks one thing.
func (s *screen) connect() {
	s.t.Helper()
	conn, err := wire.Dial(s.t.Context(), s.owner.url, wire.WebSocket, map[string]string{"token": s.owner.token})
	if err != nil {
		s.t.Fatal(err)
	}
	s.conn, s.ended = conn, make(chan struct{})
	go func() {
		defer close(s.ended)
		for {
			packet, err := conn.Next()
			if err != nil {
				return
			}
			s.take(packet)
		}
	}()
	var request protocol.SyncRequest
	s.mu.Lock()
	for _, id := range slices.Sorted(maps.Keys(s.rooms)) {
		request.Rooms = append(request.Rooms, protocol.RoomCursor{RoomID: id, Since: s.rooms[id].cursor})
	}
	s.mu.Unlock()
	s.ask(protocol.Sync, request)
}

// cut ends the connection without a word.
func (s *screen) cut() {
	s.conn.Close()
	<-s.ended
}

// ask sends an event and waits until its answer is shown.
func (s *screen) ask(event string, payload any) {
	s.t.Helper()
	s.next++
	answer := make(chan json.RawMessage, 1)
	s.mu.Lock()
	s.waiting[s.next] = answer
	s.mu.Unlock()
	if err := s.conn.Emit(event, s.next, payload); err != nil {
		s.t.Fatal(err)
	}
	var said struct{ OK bool }
	select {
	case raw := <-answer:
		if err := json.Unmarshal(raw, &said); err != nil || !said.OK {
			s.t.Fatalf("%s: %s %+v: got %s, want ok", s.name, event, payload, raw)
		}
	case <-time.After(patience):
		s.t.Fatalf("%s: no answer to %s", s.name, event)
	}
}

// take shows what came, in the order in which it came.
func (s *screen) take(packet wire.Packet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch packet.Event {
	case "", protocol.ReadChanged, protocol.RoomChange:
		var told struct {
			protocol.RoomChanged
			Rooms []protocol.RoomInfo
		}
		if json.Unmarshal(packet.Arg, &told) == nil {
			s.show(told.RoomID, told.Head, told.Read, told.Mentions)
			for _, room := range told.Rooms {
				s.show(room.ID, room.Head, room.Read, room.Mentions)
			}
		}
	case protocol.ReceiveMessage:
		var event protocol.Event
		if err := json.Unmarshal(packet.Arg, &event); err != nil {
			s.t.Errorf("%s: %s: %v", s.name, packet.Arg, err)
		}
		s.receive(event)
	}
	if answer := s.waiting[packet.ID]; packet.Event == "" && answer != nil {
		delete(s.waiting, packet.ID)
		answer <- packet.Arg
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *screen) room(id int64) *shown {
	if s.rooms[id] == nil {
		s.rooms[id] = &shown{cursor: "0"}
	}
	return s.rooms[id]
}

func (s *screen) show(id int64, head protocol.Head, read *protocol.ReadMark, mentions int) {
	if id == 0 || head.Seq == 0 {
		return
	}
	room := s.room(id)
	if head.Seq > room.seq {
		room.seq, room.n = head.Seq, head.N
	}
	if read != nil {
		room.read, room.readAt, room.mentions = *read, head.Seq, mentions
	}
}

func (s *screen) receive(event protocol.Event) {
	if event.Seq == 0 {
		return // a gap
	}
	room := s.room(event.RoomID)
	room.cursor = event.Cursor
	if event.Seq > room.seq {
		room.seq = event.Seq
		if event.N != 0 {
			room.n = event.N
		}
	}
	if event.Kind == "message" && event.UserID == s.me && event.Seq > room.readAt {
		room.read.Seq, room.read.N, room.mentions = event.Seq, event.N, 0
	}
}

// await waits until the screen shows this.
func (s *screen) await(want map[int64]counts) {
	s.t.Helper()
	deadline := time.After(patience)
	for {
		s.mu.Lock()
		got := make(map[int64]counts)
		for id, room := range s.rooms {
			got[id] = counts{room.read, room.n - min(room.n, room.read.N), room.mentions}
		}
		changed := s.changed
		s.mu.Unlock()
		if maps.Equal(got, want) {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			s.t.Fatalf("%s does not come to show what is true (-want +got):\n%s", s.name, cmp.Diff(want, got))
		}
	}
}

// truth is what a list says that is asked for now.
func (c *client) truth() map[int64]counts {
	c.t.Helper()
	var page protocol.OwnRoomPage
	c.do("GET", "/api/v1/me/rooms?limit=200", nil).want(http.StatusOK).into(&page)
	want := make(map[int64]counts)
	for _, room := range page.Rooms {
		want[room.ID] = counts{*room.Read, room.Unread, room.Mentions}
	}
	return want
}

// TestDevicesAgree: after anything that the devices of one person and others do,
// in any order, and however often they are cut, all devices show the same
// counts, and the true ones. PARLEY_DEVICES=1h goes on for so long (make devices).
func TestDevicesAgree(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	n, clock := startWithClock(t, config(t))
	ann, ben, cy := n.join("ann@example.org"), n.join("ben@example.org"), n.join("cy@example.org")
	const rooms = 4
	var paths [rooms]string
	for i := range paths {
		room := protocol.CreateRoom{Kind: []string{"public", "private", "group", "public"}[i], Name: fmt.Sprint("room ", i)}
		if room.Kind == "group" {
			room.Members = []int64{cy.me()}
		}
		paths[i] = ann.create(room)
		ann.do("POST", paths[i]+"/members", map[string]any{"userId": ben.me()}).want(http.StatusOK)
	}
	screens := []*screen{ben.screen("phone"), ben.screen("laptop")}
	said := make(map[string][]uint64) // what ann has said, by room
	done := make(map[string]int)
	begun, goesOn := time.Now(), enoughRounds(t)
	for round := 0; goesOn(round); round++ {
		for range 30 {
			clock.pass(time.Second)
			done[step(t, dice, ann, ben, screens, paths[dice.IntN(rooms)], said)]++
		}
		want := ben.truth()
		if len(want) != rooms {
			t.Fatalf("round %d: the list has %d rooms, want %d", round, len(want), rooms)
		}
		for _, s := range screens {
			s.await(want)
		}
		if round%100 == 99 { // within the life of a token
			ann.signIn("/api/v1/login", credentials("ann@example.org"), http.StatusOK)
			ben.signIn("/api/v1/login", credentials("ben@example.org"), http.StatusOK)
		}
		for _, s := range screens {
			s.cut()
			s.connect()
			s.await(want)
		}
		done["compared"]++
	}
	t.Logf("in %v: %v", time.Since(begun).Round(time.Second), done)
}

// enoughRounds reports whether there is to be one more: a few, or for as long as
// was asked for.
func enoughRounds(t *testing.T) (goesOn func(round int) bool) {
	t.Helper()
	text := os.Getenv("PARLEY_DEVICES")
	if text == "" {
		rounds := 3
		if testing.Short() {
			rounds = 1
		}
		return func(round int) bool { return round < rounds }
	}
	long, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("PARLEY_DEVICES: %v", err)
	}
	end := time.Now().Add(long)
	return func(int) bool { return time.Now().Before(end) }
}

// step is one thing that somebody does in a room. It returns what.
func step(t *testing.T, dice *rand.Rand, ann, ben *client, screens []*screen, path string, said map[string][]uint64) string {
	t.Helper()
	device := screens[dice.IntN(len(screens))]
	ref := roomRef(t, path)
	device.mu.Lock()
	head := device.room(ref.RoomID).seq
	device.mu.Unlock()
	seq := 1 + dice.Uint64N(max(head, 2))
	old := func() (seq uint64, is bool) {
		if len(said[path]) == 0 {
			return 0, false
		}
		return said[path][dice.IntN(len(said[path]))], true
	}
	switch dice.IntN(12) {
	case 0, 1, 2:
		var ack protocol.SendAck
		ann.say(path, []string{"hello", "@ben, hello"}[dice.IntN(2)]).into(&ack)
		said[path] = append(said[path], ack.Seq)
		return "said"
	case 3:
		if seq, is := old(); is {
			ann.do("PATCH", fmt.Sprint(path, "/messages/", seq), map[string]any{"messageText": []string{"better", "better, @ben"}[dice.IntN(2)]})
		}
		return "edited"
	case 4:
		if seq, is := old(); is {
			ann.do("DELETE", fmt.Sprint(path, "/messages/", seq), nil)
		}
		return "deleted"
	case 5, 6:
		device.ask(protocol.MarkRead, protocol.MarkReadRequest{RoomRef: ref, Seq: &seq})
		return "marked read"
	case 7:
		if ben.listed(path).Kind == "group" {
			seq = max(seq, 2) // from ben's coming on
		}
		device.ask(protocol.MarkUnread, protocol.MarkUnreadRequest{RoomRef: ref, Seq: seq})
		return "marked unread"
	case 8:
		ben.do("PUT", path+"/read", map[string]any{}).want(http.StatusOK)
		return "read over REST"
	case 9:
		device.ask(protocol.SendMessage, protocol.SendRequest{RoomRef: ref, MessageText: "mine"})
		return "own message"
	case 10:
		device.ask(protocol.JoinRoom, protocol.JoinRequest{RoomRef: ref, Latest: 10})
		return "joined"
	default:
		device.cut()
		device.connect()
		return "cut"
	}
}
