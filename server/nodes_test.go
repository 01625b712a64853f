package server

import (
	"log/slog"
	"testing"
	"time"

	"github.com/parleychat/parley/store"
)

// TestNodesSeen: a server lives as long as its beats rise, on the clock of
// whoever looks, and is forgotten long after.
func TestNodesSeen(t *testing.T) {
	now := time.Now()
	n := newNodes(nil, store.Node{Tag: "self"}, slog.New(slog.DiscardHandler))
	n.now = func() time.Time { return now }
	other := store.Node{Tag: "other", Address: "http://10.0.0.2:3000", Beats: 7}
	see := func(wantFound bool, wantForgotten int) {
		t.Helper()
		forgotten := n.see([]store.Node{other, {Tag: "self", Address: "http://10.0.0.1:3000", Beats: int64(now.Unix())}})
		if len(forgotten) != wantForgotten {
			t.Errorf("forgotten: got %v, want %d", forgotten, wantForgotten)
		}
		address, found := n.find("other")
		if found != wantFound || found && address.String() != other.Address {
			t.Errorf("find: got %v, %v; want %v", address, found, wantFound)
		}
		if _, found := n.find("self"); found {
			t.Error("a server passes requests on to itself")
		}
	}
	see(true, 0)
	now = now.Add(nodeGone)
	see(true, 0)
	now = now.Add(time.Second)
	see(false, 0)
	other.Beats++ // it was only slow
	see(true, 0)
	now = now.Add(nodeForgotten)
	see(false, 0)
	now = now.Add(time.Second)
	see(false, 1)
}
