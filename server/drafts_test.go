package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/protocol"
)

// TestDraftOnAllDevices: what one device begins to write the others hear of,
// lists show it, a device that has not seen it cannot take it away, and nobody
// else learns of it.
func TestDraftOnAllDevices(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("general")
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	ref := protocol.RoomRef{RoomID: idOf(t, room)}
	phone, laptop, hers := ben.device(), ben.device(), ann.device()
	if draft := ben.listed(room).Draft; draft != nil {
		t.Errorf("before anything was written the list shows %+v", draft)
	}
	draftOf := func() (draft protocol.MessageDraft) {
		t.Helper()
		ben.do("GET", room+"/draft", nil).want(http.StatusOK).into(&draft)
		return draft
	}
	if draft := draftOf(); draft != (protocol.MessageDraft{}) {
		t.Errorf("before anything was written there is %+v", draft)
	}
	wait := func(d *device, want protocol.MessageDraft) {
		t.Helper()
		var told protocol.DraftOfRoom
		d.expect(protocol.DraftChanged, &told)
		if diff := cmp.Diff(protocol.DraftOfRoom{RoomID: ref.RoomID, Draft: want}, told); diff != "" {
			t.Errorf("a device is told (-want +got):\n%s", diff)
		}
	}

	var first, ack protocol.DraftAck
	phone.call(protocol.SetDraft, protocol.SetDraftRequest{RoomRef: ref, SetDraftBody: protocol.SetDraftBody{Text: new("Good mor\n")}}, &first)
	if first.RoomID != ref.RoomID || first.Draft.Text != "Good mor\n" || first.Draft.Version == 0 || first.Draft.At == 0 {
		t.Errorf("the phone is answered %+v", first)
	}
	wait(laptop, first.Draft)
	if got := ben.listed(room).Draft; got == nil || *got != first.Draft {
		t.Errorf("the list shows %+v, want %+v", got, first.Draft)
	}
	basis := first.Draft.Version
	laptop.call(protocol.SetDraft, protocol.SetDraftRequest{
		RoomRef: protocol.RoomRef{RoomName: "general"}, SetDraftBody: protocol.SetDraftBody{Text: new("Good morning"), Basis: &basis},
	}, &ack)
	if ack.Draft.Version <= first.Draft.Version {
		t.Errorf("the version went from %d to %d", first.Draft.Version, ack.Draft.Version)
	}
	wait(phone, ack.Draft)

	// The phone sends what it had, not knowing of the laptop's words: they stay.
	written := ack.Draft
	phone.call(protocol.SetDraft, protocol.SetDraftRequest{RoomRef: ref, SetDraftBody: protocol.SetDraftBody{Text: new(""), Basis: &basis}}, &ack)
	if ack.Draft != written || draftOf() != written {
		t.Errorf("unseen words were taken away: %+v", ack)
	}
	var over protocol.MessageDraft
	ben.do("PUT", room+"/draft", protocol.SetDraftBody{Text: new("over REST")}).want(http.StatusOK).into(&over)
	wait(phone, over)
	wait(laptop, over)
	ben.do("DELETE", room+"/draft?basis=1", nil).want(http.StatusOK).into(&over)
	if over.Text != "over REST" {
		t.Errorf("unseen words were taken away over REST: %+v", over)
	}
	ben.do("DELETE", room+"/draft", nil).want(http.StatusOK).into(&over)
	wait(phone, over)
	wait(laptop, over)
	if over.Text != "" || draftOf() != over {
		t.Errorf("taken away, it is %+v", over)
	}
	if got := ben.listed(room).Draft; got == nil || *got != over {
		t.Errorf("a device that was away is to see that there is none any more: %+v", got)
	}

	long := strings.Repeat("a", 600)
	ben.do("PUT", room+"/draft", protocol.SetDraftBody{Text: new(long)}).want(http.StatusOK)
	if got := ben.listed(room).Draft; got == nil || !got.Long || got.Text != "" || draftOf().Text != long {
		t.Errorf("of a long draft the list shows %+v", got)
	}
	for _, d := range []*device{phone, hers} {
		d.call(protocol.MarkRead, protocol.MarkReadRequest{RoomRef: ref}, new(protocol.MarkAck))
	}
	if came := hers.came(protocol.DraftChanged); came != nil {
		t.Errorf("somebody else was told: %s", came)
	}
	if draft := ann.listed(room).Draft; draft != nil {
		t.Errorf("somebody else's list shows %+v", draft)
	}

	// It does not outlive the place in the room.
	ben.do("POST", room+"/leave", nil).want(http.StatusOK)
	ben.do("GET", room+"/draft", nil).wantCode(http.StatusForbidden, "forbidden")
	if draft := ben.listed(room).Draft; draft != nil {
		t.Errorf("of a room that one has left the list shows %+v", draft)
	}
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	if draft := draftOf(); draft != (protocol.MessageDraft{}) {
		t.Errorf("after coming back there is %+v", draft)
	}
	ben.do("PUT", room+"/draft", protocol.SetDraftBody{Text: new("again")}).want(http.StatusOK)
}

// TestDraftRefused: what is no draft, rooms that are none of the person's
// business, and a device that types too fast.
func TestDraftRefused(t *testing.T) {
	n, clock := startWithClock(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("general")
	for _, body := range []string{`{}`, `{"text":1}`, `{"text":"\u0000"}`, `{"text":"a","basis":-1}`} {
		ann.do("PUT", room+"/draft", body).wantCode(http.StatusBadRequest, "invalid")
	}
	ann.do("PUT", room+"/draft", protocol.SetDraftBody{Text: new(strings.Repeat("a", chat.MaxMessageChars+1))}).wantCode(http.StatusBadRequest, "invalid")
	ann.do("DELETE", room+"/draft?basis=x", nil).wantCode(http.StatusBadRequest, "invalid")
	if draft := ann.listed(room).Draft; draft != nil {
		t.Errorf("what was refused left %+v", draft)
	}
	ben.do("PUT", room+"/draft", protocol.SetDraftBody{Text: new("a")}).wantCode(http.StatusForbidden, "forbidden")
	secret := ann.create(protocol.CreateRoom{Kind: "private", Name: "secret"})
	for _, ask := range []struct{ method, path string }{{"GET", "/draft"}, {"PUT", "/draft"}, {"DELETE", "/draft"}} {
		hidden := ben.do(ask.method, secret+ask.path, protocol.SetDraftBody{Text: new("a")}).wantCode(http.StatusNotFound, "not_found")
		missing := ben.do(ask.method, "/api/v1/rooms/99999"+ask.path, protocol.SetDraftBody{Text: new("a")}).wantCode(http.StatusNotFound, "not_found")
		if hidden.told() != missing.told() {
			t.Errorf("a stranger is told %s of a secret room and %s of none", hidden.body, missing.body)
		}
	}
	d := ann.device()
	d.refused(protocol.SetDraft, map[string]any{"text": "a"}, "invalid")
	d.refused(protocol.SetDraft, map[string]any{"roomId": idOf(t, room), "text": strings.Repeat("😀", chat.MaxMessageBytes/4+1)}, "too_large")

	clock.pass(refill)
	clock.stop()
	request := protocol.SetDraftRequest{RoomRef: protocol.RoomRef{RoomID: idOf(t, room)}, SetDraftBody: protocol.SetDraftBody{Text: new("a")}}
	for range limits.DraftsBurst {
		d.call(protocol.SetDraft, request, new(protocol.DraftAck))
	}
	d.refused(protocol.SetDraft, request, "rate_limited")
	ann.do("POST", room+"/messages", map[string]any{"messageText": "sent all the same"}).want(http.StatusCreated)
}
