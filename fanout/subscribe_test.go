package fanout_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
)

// TestSubscriptionHasNoSeam: what happens between Subscribe and Live is held
// back and comes behind what is posted before Live (R8).
func TestSubscriptionHasNoSeam(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	s := w.attach(ann)
	sub, head, err := w.hub.Subscribe(context.Background(), s.client, room)
	if err != nil {
		t.Fatal(err)
	}
	w.mustSend(text(ann, "meanwhile"))
	s.client.Post(func() { s.Queue(fmt.Appendf(nil, "caught up to %d", head.Seq)) })
	w.mustSend(text(ann, "still"))
	sub.Live()
	w.mustSend(text(ann, "after"))
	want := []string{"caught up to 1", "2 message meanwhile", "3 message still", "4 message after"}
	if diff := cmp.Diff(want, brief(s.wait(4))); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
}

// TestNothingBetweenAnswerAndLive: a socket that is told that it is subscribed
// gets the answer of a send behind the event from then on. Here the shard works
// on nothing before event and answer are posted, too.
func TestNothingBetweenAnswerAndLive(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	s := w.attach(ann)
	sub, head, err := w.hub.Subscribe(context.Background(), s.client, room)
	if err != nil {
		t.Fatal(err)
	}
	goOn := make(chan struct{})
	s.client.Post(func() { <-goOn })
	s.client.Live(fmt.Appendf(nil, "subscribed from %d", head.Seq), sub)
	answered := make(chan struct{})
	w.hub.Submit(context.Background(), fanout.Submission{
		Draft: chat.Record{Kind: chat.KindMessage, Room: room, User: ann, Text: "hello"},
		From:  s.client,
		Done: func(a chat.Answer) {
			s.Queue(fmt.Appendf(nil, "answer %d %v", a.Seq, a.Err))
			close(answered)
		},
	})
	w.mustSend(text(ann, "applied behind it"))
	close(goOn)
	<-answered
	want := []string{"subscribed from 1", "2 message hello", "answer 2 <nil>", "3 message applied behind it"}
	if diff := cmp.Diff(want, brief(s.wait(4))); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
}

func TestSubscribingAgainStartsAnew(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	s := w.subscribe(ann)
	w.mustSend(text(ann, "1"))
	s.wait(1)
	sub, head, err := w.hub.Subscribe(context.Background(), s.client, room)
	if err != nil {
		t.Fatal(err)
	}
	w.mustSend(text(ann, "2"))
	if got := brief(s.settled()); len(got) != 1 {
		t.Errorf("frames before Live: got %v, want one", got)
	}
	sub.Live()
	if got := brief(s.wait(2)); got[1] != fmt.Sprintf("%d message 2", head.Seq+1) {
		t.Errorf("frames: got %v", got)
	}
}

// TestKickIsTheLastEvent is promise G10 within a node: whoever was kicked from
// a room that is not public gets nothing of a later position, not even when
// they are catching up.
func TestKickIsTheLastEvent(t *testing.T) {
	w := newWorld(t).start()
	w.mustSend(chat.Record{
		Kind: chat.KindCreate, User: ann, Name: "secret", RoomKind: chat.PrivateRoom,
		Members: []chat.Member{{User: ann, Role: chat.RoleOwner}, {User: bo, Role: chat.RoleMember}},
	})
	live, witness := w.subscribe(bo), w.subscribe(ann)
	catching := w.attach(bo)
	sub, _, err := w.hub.Subscribe(context.Background(), catching.client, room)
	if err != nil {
		t.Fatal(err)
	}
	w.mustSend(text(ann, "seen"))
	w.mustSend(chat.Record{Kind: chat.KindKick, User: ann, TargetUser: bo})
	w.mustSend(text(ann, "canary"))
	sub.Live()
	want := []string{"2 message seen", "3 kick"}
	for name, s := range map[string]*socket{"live": live, "catching up": catching} {
		if diff := cmp.Diff(want, brief(s.settled())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	witness.wait(3)
	if _, _, err := w.hub.Subscribe(context.Background(), live.client, room); chat.AsError(err).Code != chat.NotFound {
		t.Errorf("subscribing after the kick: got %v, want not_found", err)
	}
	w.mustSend(text(ann, "and later"))
	if got := brief(live.settled()); len(got) != 2 {
		t.Errorf("frames after the kick: got %v, want two", got)
	}
}

func TestRoomMadePrivateDropsStrangers(t *testing.T) {
	w := newWorld(t).start()
	w.make(bo)
	stranger, member := w.subscribe(cy), w.subscribe(bo)
	w.mustSend(chat.Record{Kind: chat.KindVisibility, User: ann, RoomKind: chat.PrivateRoom})
	w.mustSend(text(ann, "canary"))
	if diff := cmp.Diff([]string{"3 visibility"}, brief(stranger.settled())); diff != "" {
		t.Errorf("stranger (-want +got):\n%s", diff)
	}
	member.wait(2)
}

func TestDetachedClientGetsNothing(t *testing.T) {
	w := newWorld(t).start()
	w.make(bo)
	leaving, staying := w.subscribe(bo), w.subscribe(ann)
	w.mustSend(text(ann, "1"))
	leaving.wait(1)
	leaving.client.Detach()
	w.mustSend(text(ann, "2"))
	staying.wait(2)
	if got := brief(leaving.settled()); len(got) != 1 {
		t.Errorf("frames after Detach: got %v, want one", got)
	}
	if got := len(w.hub.Clients(bo)); got != 0 {
		t.Errorf("Clients: got %d, want 0", got)
	}
	if _, _, err := w.hub.Subscribe(context.Background(), leaving.client, room); err != nil {
		t.Fatal(err)
	}
	w.mustSend(text(ann, "3"))
	if got := brief(leaving.settled()); len(got) != 1 {
		t.Errorf("frames of a detached client: got %v, want one", got)
	}
}

// TestSeatsAreDense: leaving in any order leaves everybody else where they are.
func TestSeatsAreDense(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	var sockets []*socket
	for range 30 {
		sockets = append(sockets, w.subscribe(ann))
	}
	for i, s := range sockets {
		if i%3 == 0 {
			w.hub.Unsubscribe(s.client, room)
		}
	}
	w.mustSend(text(ann, "1"))
	for i, s := range sockets {
		want := 1
		if i%3 == 0 {
			want = 0
		} else {
			s.wait(1)
		}
		if got := len(s.settled()); got != want {
			t.Errorf("socket %d: got %d frames, want %d", i, got, want)
		}
	}
}

func TestBroadcastReachesSubscribersOnly(t *testing.T) {
	w := newWorld(t).start()
	w.make(bo)
	in, out := w.subscribe(ann), w.attach(bo)
	w.hub.BroadcastView(room, func(v *fanout.View, shape fanout.Shape) []byte {
		return fmt.Appendf(nil, "members %d", len(v.State.Members))
	})
	if got := in.wait(1); got[0] != "members 2" {
		t.Errorf("frames: got %v", got)
	}
	if got := out.settled(); len(got) != 0 {
		t.Errorf("frames outside: got %v, want none", got)
	}
}
