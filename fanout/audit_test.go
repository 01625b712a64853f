package fanout_test

import (
	"strings"
	"testing"

	"github.com/parleychat/parley/fanout"
)

func audit(t *testing.T, h *fanout.Hub) fanout.Audit {
	t.Helper()
	a, err := h.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Every way of counting comes to the same, whoever comes and goes.
func TestAuditAgrees(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	var sockets []*socket
	for i := range 60 {
		s := w.subscribe(ann)
		sockets = append(sockets, s)
		switch i % 4 {
		case 1:
			s.client.Detach()
		case 2:
			w.hub.Unsubscribe(s.client, room)
		}
	}
	if a := audit(t, w.hub); len(a.Disagreements) > 0 || a.Clients != 45 || a.Rooms != 1 || a.Subscriptions != 30 {
		t.Errorf("got %+v, want 45 clients with 30 subscriptions of 1 room, and no disagreement", a)
	}
	for _, s := range sockets {
		s.client.Detach()
	}
	if a := audit(t, w.hub); len(a.Disagreements) > 0 || a.Clients != 0 || a.Subscriptions != 0 {
		t.Errorf("got %+v, want nobody", a)
	}
}

// A count that is wrong stays wrong, and is told.
func TestAuditTells(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	w.subscribe(ann)
	w.hub.Miscount(room)
	a := audit(t, w.hub)
	said := strings.Join(a.Disagreements, "\n")
	if len(a.Disagreements) != 2 || !strings.Contains(said, "room 7 counts 2 subscribers of shape 0, its shards have 1") || !strings.Contains(said, "subscribers on shard 0, which has") {
		t.Errorf("got %+v, want the room that counts wrong", a)
	}
}
