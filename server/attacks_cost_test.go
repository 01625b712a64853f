package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/store"
)

// Attacks by texts that are much work: A44's mentions, A47.

// amplification: neither changing one message again and again nor naming
// everybody costs a room more than a message does.
func amplification(t *testing.T) {
	t.Run("edits", editsOfOne)
	t.Run("mentions", namingEverybody)
}

// namingEverybody: a message wakes so many at most, each once, however many
// names it has and however often, and so does its edit.
func namingEverybody(t *testing.T) {
	cfg := config(t)
	start(t, cfg).stop()
	crowd := people(t, openStore(t, cfg), chat.MaxMentions+10)
	h := besideIn(t, cfg)
	h.clock.pass(time.Minute)
	in := []int64{h.ben.me(), h.mallory.me()}
	var names strings.Builder
	for _, user := range crowd {
		in = append(in, int64(user.ID))
		fmt.Fprintf(&names, "@%s ", user.Handle)
	}
	room := roomID(h.ann.create(protocol.CreateRoom{Kind: "private", Name: "Crowd", Members: in}))
	socket := h.n.connect(h.mallory)
	socket.Join(room)
	h.gets.Join(room)
	mentioned := func(seq uint64) []int64 {
		t.Helper()
		h.gets.AwaitSeq(room, seq)
		events := h.gets.InRoom(room)
		return events[slices.IndexFunc(events, func(e protocol.Event) bool { return e.Seq == seq })].Mentions
	}

	everybody := socket.Say(room, names.String())
	if got := mentioned(everybody.Seq); len(got) != chat.MaxMentions || len(slices.Compact(slices.Sorted(slices.Values(got)))) != chat.MaxMentions {
		t.Errorf("a message that names %d people mentions %d: %v, want %d, each once", len(crowd), len(got), got, chat.MaxMentions)
	}
	again := socket.Say(room, strings.Repeat("@ben ", 1_990))
	if got := mentioned(again.Seq); !slices.Equal(got, []int64{h.ben.me()}) {
		t.Errorf("a message that names one person 1,990 times mentions %v", got)
	}
	var unknown strings.Builder
	for i := range 1_300 {
		fmt.Fprintf(&unknown, "@x%d ", i)
	}
	nobody := socket.Say(room, unknown.String())
	if got := mentioned(nobody.Seq); len(got) != 0 {
		t.Errorf("a message that names 1,300 people who are not there mentions %v", got)
	}
	all := socket.Say(room, strings.Repeat("@all @here @everybody @channel ", 300))
	if got := mentioned(all.Seq); len(got) != 0 {
		t.Errorf("@all mentions %v", got)
	}
	var edit protocol.SendAck
	socket.Ask(&edit, protocol.EditMessage, map[string]any{"roomId": room, "targetSeq": all.Seq, "messageText": names.String()})
	if got := mentioned(edit.Seq); len(got) != chat.MaxMentions {
		t.Errorf("an edit that names %d people mentions %d, want %d", len(crowd), len(got), chat.MaxMentions)
	}
	// Of the room's list ben was woken once.
	h.clock.pass(time.Second)
	var own protocol.OwnRoomPage
	h.ben.do("GET", "/api/v1/me/rooms", nil).want(http.StatusOK).into(&own)
	for _, listed := range own.Rooms {
		if listed.ID == room && listed.Mentions != 1 {
			t.Errorf("ben's list counts %d mentions, want 1", listed.Mentions)
		}
	}
	h.talk("everybody was named")
}

// people are accounts that nobody signs in to.
func people(t *testing.T, s *store.Store, count int) (made []store.User) {
	t.Helper()
	for i := range count {
		handle := fmt.Sprintf("extra%d", i)
		user, err := s.CreateUser(t.Context(), store.NewUser{Email: handle + "@example.org", Name: handle, Handle: handle, PasswordHash: "none", At: 1})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, user)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return made
}

// muchWork are texts that are much work for who reads them carelessly, as long
// as asked for.
var muchWork = map[string]func(length int) string{
	"at signs":             func(n int) string { return strings.Repeat("@", n) },
	"a handle of dots":     func(n int) string { return "@" + strings.Repeat(".", n-1) },
	"one long handle":      func(n int) string { return "@" + strings.Repeat("a", n-1) },
	"short handles":        func(n int) string { return strings.Repeat("@a ", n/3) },
	"handles and dots":     func(n int) string { return strings.Repeat("@ab.....", n/8) },
	"addresses":            func(n int) string { return strings.Repeat("a@b.c@", n/6) },
	"one handle":           func(n int) string { return strings.Repeat("@ann ", n/5) },
	"stars and underlines": func(n int) string { return strings.Repeat("**__", n/4) },
	"brackets":             func(n int) string { return strings.Repeat("[", n/2) + strings.Repeat("](", n/4) },
	"back quotes":          func(n int) string { return strings.Repeat("`", n) },
	"quotes in quotes":     func(n int) string { return strings.Repeat("> ", n/2) },
	"combining marks":      func(n int) string { return "a" + strings.Repeat("\u0301\u0327", (n-1)/2) },
	"jamo":                 func(n int) string { return strings.Repeat("\u1112\u1161\u11ab", n/3) },
	"ligatures":            func(n int) string { return strings.Repeat("\uFDFA", n) },
	"spaces":               func(n int) string { return strings.Repeat(" ", n-1) + "x" },
	"per cent signs":       func(n int) string { return strings.Repeat("%_", n/2) },
}

// muchToRead: what a text costs grows no faster than its length, whatever
// stands in it, and what is looked for is short.
func muchToRead(t *testing.T) {
	t.Run("growth", costGrowsWithLength)
	h := beside(t)
	h.mallory.do("POST", h.path+"/join", nil).want(http.StatusOK)
	socket := h.n.connect(h.mallory)
	for what, text := range muchWork {
		h.clock.pass(time.Second)
		long := text(4_000)
		if got := refusalOf(t, socket, protocol.SendMessage, map[string]any{"roomId": h.room, "messageText": long}); got != "done" {
			t.Errorf("a message of %s: %s", what, got)
		}
		h.talk(what)
		// What is searched for has a length, and a pattern of it matches as text.
		for _, length := range []int{30, 100, 1_000} {
			h.clock.pass(2 * time.Second)
			for _, path := range []string{"/api/v1/public-rooms?text=", "/api/v1/people?search="} {
				answer := h.mallory.do("GET", path+url.QueryEscape(text(length)), nil)
				var rooms protocol.RoomPage
				var found protocol.PeoplePage
				switch answer.status {
				case http.StatusOK:
					answer.into(&rooms)
					answer.into(&found)
				case http.StatusBadRequest:
				default:
					t.Errorf("searching %d of %s: got %d %s", length, what, answer.status, answer.body)
				}
				if answer.status == http.StatusOK && length == 1_000 {
					t.Errorf("searching %d of %s is let through", length, what)
				}
				if strings.Contains(what, "per cent") && len(rooms.Rooms)+len(found.People) != 0 {
					t.Errorf("searching %s finds %s", what, answer.body)
				}
			}
		}
	}
}

// costGrowsWithLength counts the questions that mentions ask, which are the same
// for a text of any length, and compares what reading a text takes of the
// processor with what one takes that is sixteen times as long: it would be 256
// times as much if each character were read again for every other. The least of
// many runs counts, so that nothing else that the machine does matters; a slow
// one only makes the test try again.
func costGrowsWithLength(t *testing.T) {
	for what, text := range muchWork {
		asked := 0
		for _, handle := range chat.NamedHandles(text(10_000)) {
			chat.WhoIsNamed(handle, func(string) (chat.UserID, bool) { asked++; return 0, false })
		}
		if most := chat.MaxMentions * chat.MaxHandleChars; asked > most {
			t.Errorf("%s: who is named was asked %d times, want %d at most", what, asked, most)
		}
	}
	readers := map[string]func(string){
		"mentions": func(text string) {
			for _, handle := range chat.NamedHandles(text) {
				chat.WhoIsNamed(handle, func(string) (chat.UserID, bool) { return 0, false })
			}
		},
		"message": func(text string) { _, _ = chat.NormalizeText(text) },
		"name":    func(text string) { _ = chat.RoomNameKey(text) },
		"keys":    func(text string) { _ = chat.FindKeys(text, "handle") }, // each of which is cut
	}
	const times, quadratic = 16, 16 * 16
	for reader, read := range readers {
		for what, text := range muchWork {
			short, long := text(400), text(times*400)
			least := func(text string, before time.Duration) time.Duration {
				for range 4 {
					begun := time.Now()
					read(text)
					before = min(before, max(time.Since(begun), time.Microsecond))
				}
				return before
			}
			brief, lengthy := time.Hour, time.Hour
			for try := 0; ; try++ {
				brief, lengthy = least(short, brief), least(long, lengthy)
				if lengthy < brief*quadratic/3 {
					break
				}
				if try == 50 {
					t.Errorf("%s of %s: %v for %d, %v for %d bytes, which grows too fast", reader, what, brief, len(short), lengthy, len(long))
					break
				}
			}
		}
	}
}
