package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	parley "github.com/parleychat/parley/client"
	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// TestGoClient kills and restarts the server while a program made with package
// client sends and another one reads: each message is there once, in the order
// in which it was given, and the reader gets every event once and in order.
func TestGoClient(t *testing.T) {
	const rounds, each = 3, 12
	server := rig.Serve(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*rig.Patience)
	defer cancel()
	dial := func(name string) *parley.Client {
		c, err := parley.Dial(ctx, parley.Config{URL: server.URL, Token: parley.Token(server.Register(name).Token)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	writer, reader := dial("writer"), dial("reader")
	info, err := writer.CreateRoom(ctx, protocol.CreateRoom{Name: "general"})
	if err != nil {
		t.Fatal(err)
	}
	join := func(c *parley.Client) *parley.Room {
		room, err := c.Join(ctx, info.ID, parley.Since("0"))
		if err != nil {
			t.Fatal(err)
		}
		return room
	}
	from, to := join(writer), join(reader)

	var sent []string
	var outgoing []*parley.Outgoing
	for round := range rounds {
		for i := range each {
			sent = append(sent, fmt.Sprintf("%d in round %d", i, round))
			o, err := from.Post(parley.Say(sent[len(sent)-1]))
			if err != nil {
				t.Fatal(err)
			}
			outgoing = append(outgoing, o)
		}
		if _, err := outgoing[len(outgoing)-each/2].Wait(ctx); err != nil {
			t.Fatal(err)
		}
		// The others are on their way or wait.
		if round%2 == 0 {
			server.Kill()
			server.Start()
		} else {
			server.Restart()
		}
	}
	for i, o := range outgoing {
		ack, err := o.Wait(ctx)
		if err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		if want := uint64(i + 3); ack.Seq != want { // behind create and join
			t.Errorf("message %d: got seq %d, want %d", i, ack.Seq, want)
		}
	}
	var got []string
	seq := uint64(0)
	for ev, err := range to.Events(ctx) {
		if err != nil {
			t.Fatalf("after seq %d: %v", seq, err)
		}
		if seq++; ev.Seq != seq {
			t.Fatalf("got seq %d behind %d", ev.Seq, seq-1)
		}
		if ev.Kind == "message" {
			got = append(got, ev.MessageText)
		}
		if len(got) == len(sent) {
			break
		}
	}
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Errorf("messages (-sent +received):\n%s", diff)
	}
}
