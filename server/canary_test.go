package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// Words that stand in what is private. Whoever is in the rooms has to see them,
// or the test has looked at nothing.
var canaries = map[string]string{
	"name":              "heronwood",
	"former name":       "kestrelgate",
	"topic":             "magpiehill",
	"message":           "nightjarlane",
	"edited message":    "ospreyrow",
	"name of the group": "ptarmiganway",
	"in the group":      "quailmount",
	"between two":       "ravenfield",
	"draft":             "treecreeper",
	"draft over REST":   "wheatearcombe",
	"of no avail":       "siskinmoor", // what was refused
}

// TestCanary (I13): what is said and what it is called in rooms that are not
// public comes out nowhere else: at no stranger's socket or call, in no refusal,
// no document, no metric and no line of the log.
func TestCanary(t *testing.T) {
	n, clock := startWithMetrics(t)
	boss := n.owner("boss@example.org") // owns the server, and is in none of the rooms
	ann, ben, mallory := n.join("ann@example.org"), n.join("ben@example.org"), n.join("mallory@example.org")
	square := ann.create(protocol.CreateRoom{Name: "Square"})
	out := &overheard{t: t}

	// Strangers listen, before anything happens.
	var spies []*rig.Socket
	for _, who := range []*client{mallory, boss} {
		for _, polling := range []bool{false, true} {
			spy := n.sockets().Connect(t, rig.How{Token: who.token, Polling: polling})
			spy.Join(roomID(square))
			spies = append(spies, spy)
		}
	}
	old := n.connect(mallory)
	old.Emit(protocol.JoinRoom, map[string]string{"roomName": "Square"}) // as Turbo-Chat does
	spies = append(spies, old)

	inside := n.connect(ben)
	says := n.connect(ann)
	rooms := privateLife(t, clock, ann, ben, says, inside)
	drafts := begun(t, clock, n.connect(ann), says, ann, rooms[0])
	for _, spy := range spies {
		spy.Roundtrip()
		for _, id := range rooms {
			var ack json.RawMessage
			spy.Ask(&ack, protocol.Sync, protocol.SyncRequest{Rooms: []protocol.RoomCursor{{RoomID: id, Since: "0"}}})
			out.take("sync", string(ack))
			for _, ask := range aboutARoom {
				clock.pass(refill)
				out.take(ask.event, refusalOf(t, spy, ask.event, with(ask.more, map[string]any{"roomId": id})))
				for _, name := range []string{canaries["name"], canaries["former name"], canaries["name of the group"]} {
					var refused *rig.Refused
					err := spy.TryAsk(new(json.RawMessage), ask.event, with(ask.more, map[string]any{"roomName": name}))
					if !errors.As(err, &refused) {
						t.Errorf("%s by name: %v", ask.event, err)
					}
					out.take(ask.event, fmt.Sprint(err))
				}
			}
		}
	}
	for _, who := range []*client{mallory, boss, n.client()} {
		everyCall(n, clock, who, rooms, out)
	}
	clumsy(t, n, clock, ann, says, rooms[0])

	// Whoever is inside has heard it all, in both ways; what was refused nobody.
	var heard strings.Builder
	for _, ev := range inside.Events("") {
		heard.WriteString(ev.String())
	}
	for _, id := range rooms {
		heard.WriteString(ben.do("GET", fmt.Sprint("/api/v1/rooms/", id, "/messages"), nil).body)
	}
	heard.WriteString(ben.do("GET", "/api/v1/rooms", nil).body)
	if strings.Contains(heard.String(), canaries["draft"]) || strings.Contains(heard.String(), canaries["draft over REST"]) {
		t.Error("ben has heard what ann has only begun to write")
	}
	heard.WriteString(drafts)
	for what, word := range canaries {
		if what != "of no avail" && !strings.Contains(heard.String(), word) {
			t.Errorf("ben has not heard the %s %s: nothing was tested", what, word)
		}
	}

	for _, path := range []string{"/metrics", "/debug/pprof/goroutine?debug=2", "/debug/pprof/cmdline", "/debug/pprof/heap?debug=1"} {
		_, body := n.admin(path)
		out.take("the operator's "+path, body)
	}
	for _, spy := range spies {
		spy.Roundtrip()
		for _, ev := range spy.Events("") {
			out.take("a stranger's socket", ev.String())
		}
	}
	n.stop()
	out.take("the log", n.log.String())
	if got := len(out.all.String()); got < 100_000 || !strings.Contains(out.all.String(), "Square") || !strings.Contains(out.all.String(), "stopped") {
		t.Errorf("%d bytes were overheard, too few to tell anything", got)
	}
}

// overheard is what came out where no canary may be.
type overheard struct {
	t   *testing.T
	all strings.Builder
}

func (o *overheard) take(where, text string) {
	o.all.WriteString(text)
	for _, what := range slices.Sorted(maps.Keys(canaries)) {
		if at := strings.Index(strings.ToLower(text), canaries[what]); at >= 0 {
			o.t.Errorf("%s tells the %s: …%s…", where, what, text[max(0, at-100):min(len(text), at+100)])
		}
	}
}

// privateLife lets ann and ben live in rooms of theirs, and gives the rooms.
func privateLife(t *testing.T, clock *clock, ann, ben *client, says, inside *rig.Socket) []int64 {
	t.Helper()
	private := ann.create(protocol.CreateRoom{Kind: "private", Name: canaries["former name"], Members: []int64{ben.me()}})
	group := ann.create(protocol.CreateRoom{Kind: "group", Name: canaries["name of the group"], Members: []int64{ben.me()}})
	var direct protocol.RoomInfo
	ann.do("POST", "/api/v1/directs", map[string]any{"userId": ben.me()}).into(&direct)
	rooms := []int64{roomID(private), roomID(group), direct.ID}
	for _, id := range rooms {
		inside.Join(id)
		says.Join(id)
		clock.pass(refill)
		says.Ask(new(protocol.OK), protocol.Typing, map[string]any{"roomId": id})
	}
	ann.do("PATCH", private, map[string]string{"name": canaries["name"]}).want(200)
	ann.do("PATCH", private, map[string]string{"topic": canaries["topic"]}).want(200)
	first := says.Say(rooms[0], canaries["message"])
	var last protocol.SendAck
	says.Ask(&last, protocol.EditMessage, map[string]any{"roomId": rooms[0], "targetSeq": first.Seq, "messageText": canaries["edited message"]})
	inside.AwaitSeq(rooms[0], last.Seq)
	inside.AwaitSeq(rooms[1], says.Say(rooms[1], canaries["in the group"]).Seq)
	inside.AwaitSeq(rooms[2], says.Say(rooms[2], canaries["between two"]).Seq)
	ann.do("POST", private+"/links", map[string]any{}).want(201)
	return rooms
}

// begun lets ann begin to write in a room, and gives what her other device has
// heard of it.
func begun(t *testing.T, clock *clock, other, says *rig.Socket, ann *client, room int64) string {
	t.Helper()
	clock.pass(refill)
	request := protocol.SetDraftRequest{RoomRef: protocol.RoomRef{RoomID: room}, SetDraftBody: protocol.SetDraftBody{Text: new(canaries["draft"])}}
	says.Ask(new(protocol.DraftAck), protocol.SetDraft, request)
	other.Await(protocol.DraftChanged, func(rig.Event) bool { return true })
	list := ann.do("GET", "/api/v1/rooms", nil).body
	ann.do("PUT", fmt.Sprint("/api/v1/rooms/", room, "/draft"), map[string]string{"text": canaries["draft over REST"]}).want(200)
	return list + ann.do("GET", fmt.Sprint("/api/v1/rooms/", room, "/draft"), nil).body
}

// everyCall makes every call of the document for somebody who has no business
// in the rooms, with all they may know: the numbers.
func everyCall(n *node, clock *clock, who *client, rooms []int64, out *overheard) {
	for _, call := range n.calls() {
		if strings.HasSuffix(call.path, "/me/sessions") || strings.HasSuffix(call.path, "/me/other-sessions") || strings.HasSuffix(call.path, "/logout") {
			continue // ends what is looked through
		}
		for _, id := range rooms {
			path := strings.Replace(call.path, "/rooms/1", fmt.Sprint("/rooms/", id), 1)
			path = strings.Replace(path, "/chat/1", fmt.Sprint("/chat/", id), 1)
			clock.pass(refill)
			answer := who.do(call.method, path, call.body)
			out.take(answer.call, fmt.Sprint(answer.body, answer.header))
			if path == call.path {
				break // of no room
			}
		}
	}
	for _, path := range []string{"/", "/docs", "/docs/page.js", "/docs/sockets", "/healthz", "/readyz", "/api/v1/openapi.json", "/api/v1/public-rooms?text=" + canaries["name"][:4], "/metrics"} {
		answer := who.do("GET", path, nil)
		// The answer may repeat what was asked, which is no secret to the asker.
		out.take(answer.call, answer.body)
	}
}

// clumsy lets somebody inside send what is refused: what they wrote is in no
// line of the log.
func clumsy(t *testing.T, n *node, clock *clock, ann *client, says *rig.Socket, room int64) {
	t.Helper()
	word := canaries["of no avail"]
	path := fmt.Sprint("/api/v1/rooms/", room)
	for _, body := range []string{`{"messageText":"` + word, `{"messageText":["` + word + `"]}`, `{"` + word + `":1`, `{"messageText":"` + word + `","cid":"` + word + ` "}`, word} {
		clock.pass(refill)
		ann.do("POST", path+"/messages", body).want(400)
		ann.do("PATCH", path, body).want(400)
		_ = says.TryAsk(new(json.RawMessage), protocol.SendMessage, map[string]any{"roomId": room, "messageText": strings.Repeat(word, 2_000)})
		_ = says.TryAsk(new(json.RawMessage), word, word)
	}
	ann.do("GET", path+"/messages?before="+word, nil).want(400)
	broken := n.connect(ann)
	_ = broken.Raw(`42["sendMessage",{"messageText":"` + word)
	broken.AwaitEnd()
}
