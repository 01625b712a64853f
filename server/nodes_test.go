package server

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
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

// listedNodes is a list of servers that counts how often it was read.
type listedNodes struct {
	nodeStore
	listed []store.Node
	reads  int
}

func (l *listedNodes) Nodes(context.Context) ([]store.Node, error) {
	l.reads++
	return l.listed, nil
}

// TestNewNodeIsSought: a session of a server that began a moment ago is passed on
// to it, and made-up ids do not make the database busy.
func TestNewNodeIsSought(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := &listedNodes{listed: []store.Node{{Tag: "self"}, {Tag: "new", Address: "http://10.0.0.2:3000", Beats: 1}}}
		n := newNodes(list, store.Node{Tag: "self"}, slog.New(slog.DiscardHandler))
		if address, found := n.seek(t.Context(), "new"); !found || address.Host != "10.0.0.2:3000" {
			t.Errorf("seek: got %v, %v; want the address of the new server", address, found)
		}
		n.seek(t.Context(), "new")
		n.seek(t.Context(), "self")
		if list.reads != 1 {
			t.Errorf("the list was read %d times for what is known, want 1", list.reads)
		}
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() {
				if _, found := n.seek(t.Context(), "made up"); found {
					t.Error("seek found what is not there")
				}
			})
		}
		all.Wait()
		if list.reads != 2 {
			t.Errorf("the list was read %d times for a thousand requests of one moment, want once more", list.reads)
		}
		began := time.Now()
		for range 10 {
			n.seek(t.Context(), "made up")
		}
		if took := time.Since(began); took < 9*lookPause {
			t.Errorf("ten looks took %v, want a pause between them", took)
		}
	})
}
