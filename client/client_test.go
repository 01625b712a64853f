package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/client"
	"github.com/parleychat/parley/protocol"
)

func TestConversation(t *testing.T) {
	url := serve(t)
	ann, bob := register(t, url, "ann").dial(url), register(t, url, "bob").dial(url)
	id := create(t, ann, protocol.CreateRoom{Name: "general"}).ID
	hers := join(t, ann, id, client.FromNow())
	if got := hers.Cursor(); got == "" {
		t.Error("joined from now on: got no cursor")
	}
	said := send(t, hers, client.Say("Good morning"))
	his, err := bob.JoinName(soon(t), "general", client.Since("0"))
	if err != nil {
		t.Fatal(err)
	}
	if his.ID() != id || his.Info().Name != "general" || his.Info().Role != "member" {
		t.Errorf("joined by name: got room %d %+v, want %d", his.ID(), his.Info(), id)
	}
	send(t, hers, client.Edit(said.Seq, "Good morning, everybody"))
	send(t, hers, client.Delete(said.Seq))
	wrong, err := his.Post(client.Edit(said.Seq, "Good night"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = wrong.Wait(soon(t))
	wantRefused(t, "an edit of somebody else's message", err, "forbidden")
	send(t, his, client.Say("Hello"))

	// She has had it live, he from the beginning, with the message as it was
	// when it was read.
	want := []string{"2 message Good morning", "3 join", "4 edit Good morning, everybody", "5 delete", "6 message Hello"}
	if diff := cmp.Diff(want, summary(next(t, hers, 5))); diff != "" {
		t.Errorf("her events (-want +got):\n%s", diff)
	}
	events := next(t, his, 6)
	if diff := cmp.Diff(append([]string{"1 create"}, want...), summary(events)); diff != "" {
		t.Errorf("his events (-want +got):\n%s", diff)
	}
	if got, want := his.Cursor(), events[5].Cursor; got != want {
		t.Errorf("cursor: got %s, want that of the last event, %s", got, want)
	}
	page, err := his.Page(soon(t), protocol.PageRequest{Before: new(uint64(6))})
	if err != nil {
		t.Fatal(err)
	}
	if got := page.Events[1]; !got.Deleted || got.MessageText != "" || page.MoreBefore {
		t.Errorf("page: got %+v, want the deleted message", page)
	}
	rooms, err := bob.Rooms(soon(t))
	if err != nil || len(rooms) != 1 {
		t.Errorf("rooms: got %+v and error %v, want one", rooms, err)
	}
	if err := his.Leave(soon(t)); err != nil {
		t.Fatal(err)
	}
	if got := summary(next(t, his, 1)); got[0] != "7 leave" {
		t.Errorf("when he left: got %s", got[0])
	}
	if _, err := his.Next(soon(t)); !errors.Is(err, client.ErrClosed) {
		t.Errorf("after leaving: got error %v, want ErrClosed", err)
	}
	if got := summary(next(t, hers, 1)); got[0] != "7 leave" {
		t.Errorf("after he left: got %s", got[0])
	}
}

// Whatever the connections go through, everything that is sent happens once,
// what one sends in its order, and everybody gets all of it in one order.
func TestCutsLoseNothing(t *testing.T) {
	const people, each = 3, 40
	url := serve(t)
	ann := register(t, url, "ann").dial(url)
	id := create(t, ann, protocol.CreateRoom{Name: "general"}).ID
	var work sync.WaitGroup
	views := make([][]protocol.Event, people)
	last := uint64(1 + people + people*each) // create, joins, messages
	for n := range people {
		p := register(t, url, fmt.Sprintf("person%d", n))
		front := cutting(t, url, 10)
		c := p.dial(front.url)
		room := join(t, c, id, client.Since("0"))
		work.Go(func() {
			for i := range each {
				if _, err := room.Post(client.Say(fmt.Sprintf("%d of %d", i, n))); err != nil {
					t.Errorf("post: %v", err)
				}
			}
		})
		work.Go(func() {
			for ev, err := range room.Events(p.soon()) {
				if err != nil {
					t.Errorf("person %d, after %d events: %v", n, len(views[n]), err)
					return
				}
				if views[n] = append(views[n], ev); ev.Seq == last {
					break
				}
			}
			if left := front.left(); left > 6 {
				t.Errorf("person %d was cut only %d times", n, 10-left)
			}
		})
	}
	work.Wait()
	whole := next(t, join(t, ann, id, client.Since("0")), int(last))
	sent := make(map[int64]int)
	for i, ev := range whole {
		if ev.Seq != uint64(i+1) {
			t.Fatalf("event %d has seq %d", i, ev.Seq)
		}
		if ev.Kind != "message" {
			continue
		}
		var number, by int
		if _, err := fmt.Sscanf(ev.MessageText, "%d of %d", &number, &by); err != nil || number != sent[ev.UserID] {
			t.Errorf("seq %d: got %q, want message %d of that person", ev.Seq, ev.MessageText, sent[ev.UserID])
		}
		sent[ev.UserID]++
	}
	for n, view := range views {
		if diff := cmp.Diff(summary(whole), summary(view)); diff != "" {
			t.Errorf("person %d (-history +received):\n%s", n, diff)
		}
	}
}

// A program goes on where it stood before its own restart.
func TestRestartOfTheProgram(t *testing.T) {
	url := serve(t)
	ann, bob := register(t, url, "ann"), register(t, url, "bob")
	first := ann.dial(url)
	id := create(t, first, protocol.CreateRoom{Name: "general"}).ID
	room := join(t, first, id, client.FromNow())
	draft := client.Say("Good morning")
	draft.CID = "the-first"
	said := send(t, room, draft)
	next(t, room, 1)
	cursor := room.Cursor()
	first.Close()

	other := join(t, bob.dial(url), id, client.FromNow())
	send(t, other, client.Say("Anybody here?"))

	second := ann.dial(url)
	room = join(t, second, id, client.Since(cursor))
	draft.Retry = true
	again := send(t, room, draft)
	if !again.Duplicate || again.Seq != said.Seq || again.ID != said.ID {
		t.Errorf("the same cid: got %+v, want the first answer %+v again", again, said)
	}
	if diff := cmp.Diff([]string{"3 join", "4 message Anybody here?"}, summary(next(t, room, 2))); diff != "" {
		t.Errorf("since the cursor (-want +got):\n%s", diff)
	}
}

func TestSlowReader(t *testing.T) {
	const limit, messages = 8, 40
	url := serve(t)
	ann, bob := register(t, url, "ann").dial(url), register(t, url, "bob").dial(url)
	id := create(t, ann, protocol.CreateRoom{Name: "general"}).ID
	bob.SetQueueLimit(limit)
	slow, quick := join(t, bob, id, client.Since("0")), join(t, ann, id, client.FromNow())
	for i := range messages {
		send(t, quick, client.Say(fmt.Sprint(i)))
		if got := slow.Waiting(); got > limit {
			t.Fatalf("%d events wait, want at most %d", got, limit)
		}
	}
	// His answer comes behind what the server has sent him before.
	send(t, slow, client.Say("Slowly!"))
	if !slow.IsFull() {
		t.Error("the room takes events all the same")
	}
	events := next(t, slow, messages+3)
	for i, ev := range events {
		if ev.Seq != uint64(i+1) {
			t.Fatalf("event %d has seq %d", i, ev.Seq)
		}
	}
	send(t, quick, client.Say("live again"))
	if got := next(t, slow, 1)[0].MessageText; got != "live again" {
		t.Errorf("got %q", got)
	}
}

// A slow reader who is cut goes on as well.
func TestSlowReaderIsCut(t *testing.T) {
	url := serve(t)
	ann, bob := register(t, url, "ann").dial(url), register(t, url, "bob")
	id := create(t, ann, protocol.CreateRoom{Name: "general"}).ID
	front := cutting(t, url, 0)
	c := bob.dial(front.url)
	c.SetQueueLimit(4)
	slow, quick := join(t, c, id, client.Since("0")), join(t, ann, id, client.FromNow())
	for i := range 20 {
		send(t, quick, client.Say(fmt.Sprint(i)))
	}
	front.cut()
	send(t, slow, client.Say("here again")) // over another connection
	for i, ev := range next(t, slow, 23) {
		if ev.Seq != uint64(i+1) {
			t.Fatalf("event %d has seq %d", i, ev.Seq)
		}
	}
}

func TestStart(t *testing.T) {
	url := serve(t)
	ann := register(t, url, "ann").dial(url)
	id := create(t, ann, protocol.CreateRoom{Name: "general"}).ID
	room := join(t, ann, id, client.FromNow())
	for i := range 4 {
		send(t, room, client.Say(fmt.Sprint(i)))
	}
	room.Close()
	for _, test := range []struct {
		name  string
		start client.Start
		want  []string
	}{
		{"latest", client.Latest(2), []string{"0 gap", "4 message 2", "5 message 3"}},
		{"nothing handled yet", client.Since(""), []string{"1 create", "2 message 0"}},
		{"another history", client.Since("3.AAAAAA"), []string{"0 reset", "1 create"}},
		{"never reached", client.Since("300.AAAAAA"), []string{"0 reset", "1 create"}},
	} {
		room := join(t, ann, id, test.start)
		if diff := cmp.Diff(test.want, summary(next(t, room, len(test.want)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		room.Close()
	}
}

func TestRefusals(t *testing.T) {
	url := serve(t)
	ann := register(t, url, "ann").dial(url)
	_, err := ann.Join(soon(t), 12, client.FromNow())
	wantRefused(t, "a room that is not there", err, "not_found")
	_, err = ann.JoinName(soon(t), "nowhere", client.FromNow())
	wantRefused(t, "a name that is not there", err, "not_found")
	_, err = client.Dial(soon(t), client.Config{URL: url, Token: client.Token("no good")})
	wantRefused(t, "a bad token", err, "unauthorized")
	_, err = client.Dial(soon(t), client.Config{URL: url, Token: client.Password(url, "ann@example.org", "wrong password")})
	wantRefused(t, "a bad password", err, "unauthorized")
	wantRefused(t, "an account twice", client.Register(soon(t), url, "ann@example.org", password), "conflict")
	_, err = ann.CreateRoom(soon(t), protocol.CreateRoom{})
	wantRefused(t, "a room without a name", err, "invalid")

	room := join(t, ann, create(t, ann, protocol.CreateRoom{Name: "general"}).ID, client.FromNow())
	if _, err := ann.Join(soon(t), room.ID(), client.FromNow()); err == nil {
		t.Error("the same room twice: got no error")
	}
	if _, err := room.Post(client.Draft{}); err == nil {
		t.Error("an empty draft: got no error")
	}
	// What is refused holds up nothing behind it.
	empty, err := room.Post(client.Say("   "))
	if err != nil {
		t.Fatal(err)
	}
	send(t, room, client.Say("Hello"))
	_, err = empty.Wait(soon(t))
	wantRefused(t, "a message of nothing", err, "invalid")
}

// Nothing listens there: the error says so, when ctx ends.
func TestNoServer(t *testing.T) {
	front := cutting(t, "http://127.0.0.1:1", 0)
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{}, 100)
	go func() {
		<-asked
		<-asked
		cancel()
	}()
	_, err := client.Dial(ctx, client.Config{URL: front.url, Token: func(context.Context, string) (string, error) {
		asked <- struct{}{}
		return "token", nil
	}})
	if !errors.Is(err, context.Canceled) || err.Error() == context.Canceled.Error() {
		t.Errorf("got error %v, want that of ctx with a reason", err)
	}
}

// Somebody whose sessions were ended elsewhere is signed in again by a source
// that can, and misses nothing.
func TestRevoked(t *testing.T) {
	url := serve(t)
	ann := register(t, url, "ann").dial(url)
	room := join(t, ann, create(t, ann, protocol.CreateRoom{Name: "general"}).ID, client.FromNow())
	for i := range 2 {
		if err := ann.REST(soon(t), http.MethodDelete, "/api/v1/me/sessions", nil, nil); err != nil {
			t.Fatal(err)
		}
		send(t, room, client.Say(fmt.Sprint(i)))
		if got := next(t, room, 1)[0].MessageText; got != fmt.Sprint(i) {
			t.Errorf("got %q, want %d", got, i)
		}
	}
}

// The server says that the person is out; the kick is the last thing to be
// seen.
func TestRemoved(t *testing.T) {
	url := serve(t)
	ann, bob := register(t, url, "ann").dial(url), register(t, url, "bob").dial(url)
	secret := create(t, ann, protocol.CreateRoom{Kind: "private", Name: "secret", Members: []int64{2}})
	his := join(t, bob, secret.ID, client.FromNow())
	if err := ann.REST(soon(t), http.MethodDelete, fmt.Sprintf("/api/v1/rooms/%d/members/2", secret.ID), nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := next(t, his, 1)[0]; got.Kind != "kick" || got.TargetUser != 2 {
		t.Errorf("got %+v, want his kick", got)
	}
	if _, err := his.Next(soon(t)); !errors.Is(err, client.ErrRemoved) {
		t.Errorf("got error %v, want ErrRemoved", err)
	}
	if _, err := his.Post(client.Say("Hello?")); !errors.Is(err, client.ErrRemoved) {
		t.Errorf("post: got error %v, want ErrRemoved", err)
	}
}

func TestClose(t *testing.T) {
	url := serve(t)
	front := cutting(t, url, 0)
	ann := register(t, url, "ann").dial(front.url)
	room := join(t, ann, create(t, ann, protocol.CreateRoom{Name: "general"}).ID, client.FromNow())
	var outgoing []*client.Outgoing
	for i := range 20 {
		o, err := room.Post(client.Say(fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		outgoing = append(outgoing, o)
	}
	ann.Close()
	<-ann.Done()
	if err := ann.Err(); !errors.Is(err, client.ErrClosed) {
		t.Errorf("got error %v, want ErrClosed", err)
	}
	unknown := 0
	for i, o := range outgoing {
		_, err := o.Wait(soon(t))
		if errors.Is(err, client.ErrUnknown) {
			unknown++
		}
		if err != nil && !errors.Is(err, client.ErrClosed) {
			t.Errorf("message %d: got error %v, want none or ErrClosed", i, err)
		}
	}
	if unknown > 1 {
		t.Errorf("%d messages were on their way, want at most 1", unknown)
	}
	if _, err := ann.Join(soon(t), 1, client.FromNow()); !errors.Is(err, client.ErrClosed) {
		t.Errorf("join: got error %v, want ErrClosed", err)
	}
	if err := ann.Call(soon(t), protocol.GetOnlineUsers, protocol.RoomRef{RoomID: 1}, nil); !errors.Is(err, client.ErrClosed) {
		t.Errorf("call: got error %v, want ErrClosed", err)
	}
}
