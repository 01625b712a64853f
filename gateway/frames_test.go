package gateway

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/protocol"
)

var ann = chat.Person{ID: 1, Name: "Ann", Handle: "ann", Email: "ann@example.com"}

// someEvents are a room with one event of each sort that frames tell apart.
func someEvents(t *testing.T) []*chat.Event {
	t.Helper()
	state := chat.NewState(7)
	var events []*chat.Event
	for offset, rec := range []*chat.Record{
		{Kind: chat.KindCreate, User: 1, Name: "general", RoomKind: chat.PublicRoom, Members: []chat.Member{{User: 1, Role: chat.RoleOwner}}},
		{Kind: chat.KindJoin, User: 2},
		{Kind: chat.KindMessage, User: 1, Text: "hi <b>there</b>"},
		{Kind: chat.KindMessage, User: 9, Text: "not a member"},
		{Kind: chat.KindTopic, User: 1, Topic: "all things"},
		{Kind: chat.KindLeave, User: 2},
	} {
		rec.Room, rec.CID, rec.At, rec.After = 7, "c"+string(rune('0'+offset)), 1795462295701, state.Head.Seq
		_, value, err := chat.Encode(rec)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, chat.Apply(state, rec, chat.Position{Epoch: "e", Offset: int64(offset)}, value))
	}
	return events
}

// payload takes the JSON of a receiveMessage frame's only argument.
func payload(t *testing.T, frame []byte) string {
	t.Helper()
	_, rest, found := strings.Cut(string(frame), `42["receiveMessage",`)
	if !found {
		t.Fatalf("frame %q is no receiveMessage", frame)
	}
	return strings.TrimSuffix(rest, "]")
}

func TestTurboChatsClientsGetItsShapes(t *testing.T) {
	frames := Frames{ShowEmail: true}
	want := []string{
		"",
		`{"roomName":"general","messageText":"ann@example.com joined the room","userMail":"ann@example.com","isEvent":true}`,
		`{"roomName":"general","messageText":"hi \u003cb\u003ethere\u003c/b\u003e","userMail":"ann@example.com","isEvent":false}`,
		"",
		"",
		`{"roomName":"general","messageText":"ann@example.com left the room","userMail":"ann@example.com","isEvent":true}`,
	}
	for i, ev := range someEvents(t) {
		frame := frames.Event(fanout.Turbo, ev, "general", ann)
		got := ""
		if frame != nil {
			got = payload(t, frame)
		}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("event %d (-want +got):\n%s", ev.Seq, diff)
		}
	}
}

// TestAddressesStayInTurboChatsShapes: Parley's own events never contain an
// e-mail address, and with --show-email nobody nothing does.
func TestAddressesStayInTurboChatsShapes(t *testing.T) {
	hidden := Frames{}
	for _, ev := range someEvents(t) {
		for _, shape := range []fanout.Shape{fanout.Modern, fanout.Turbo} {
			if frame := hidden.Event(shape, ev, "general", ann); strings.Contains(string(frame), "@") {
				t.Errorf("shape %d of event %d shows an address: %s", shape, ev.Seq, frame)
			}
		}
		shown := Frames{ShowEmail: true}
		if frame := shown.Event(fanout.Modern, ev, "general", ann); strings.Contains(string(frame), "@") {
			t.Errorf("event %d shows an address: %s", ev.Seq, frame)
		}
	}
}

// TestFramesAreProtocolEvents: what clients get is what package protocol says.
func TestFramesAreProtocolEvents(t *testing.T) {
	for _, ev := range someEvents(t) {
		decoder := json.NewDecoder(strings.NewReader(payload(t, Frames{}.Event(fanout.Modern, ev, "general", ann))))
		decoder.DisallowUnknownFields()
		var got protocol.Event
		if err := decoder.Decode(&got); err != nil {
			t.Errorf("event %d: %v", ev.Seq, err)
		}
		if got.Seq != uint64(ev.Seq) || got.Cursor != ev.Cursor().String() || got.RoomID != 7 {
			t.Errorf("event %d: got seq %d, cursor %s, room %d", ev.Seq, got.Seq, got.Cursor, got.RoomID)
		}
	}
}
