package store_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/store"
)

func testNodes(t *testing.T, open opener) {
	s, ctx := open(t), context.Background()
	first := store.Node{Tag: "a1", ID: "one", Address: "http://10.0.0.1:3000", Version: "v1"}
	second := store.Node{Tag: "b2", ID: "two", Address: "http://10.0.0.2:3000", Version: "v1"}
	for _, n := range []store.Node{second, first, first, first} {
		check(t, s.BeatNode(ctx, n))
	}
	first.Beats, second.Beats = 3, 1
	want := func(nodes ...store.Node) {
		t.Helper()
		got, err := s.Nodes(ctx)
		check(t, err)
		if diff := cmp.Diff(nodes, got); diff != "" {
			t.Errorf("nodes (-want +got):\n%s", diff)
		}
	}
	want(first, second)
	check(t, s.RemoveNode(ctx, "a1", 2)) // it has beaten since
	want(first, second)
	check(t, s.RemoveNode(ctx, "a1", 3))
	want(second)
}
