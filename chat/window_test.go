package chat

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

var windowEntries = rapid.Custom(func(t *rapid.T) WindowEntry {
	mac := Sign([]byte{byte(rapid.IntRange(0, 3).Draw(t, "key"))}, &Record{})
	return WindowEntry{
		Kind:    rapid.SampledFrom(append(Kinds, KindVoid, "poll")).Draw(t, "kind"),
		User:    UserID(rapid.IntRange(1, 3).Draw(t, "user")),
		CID:     rapid.SampledFrom([]string{"", "a", "b", "01920000-0000-7000-8000-000000000001", "01920000-0000-7000-8000-00000000000A"}).Draw(t, "cid"),
		MAC:     rapid.SampledFrom([]string{"", "short", mac, "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB"}).Draw(t, "mac"),
		Outcome: rapid.SampledFrom(outcomes).Draw(t, "outcome"),
		Target:  Seq(rapid.IntRange(0, 9).Draw(t, "target")),
		Chain:   Chain{byte(rapid.IntRange(0, 255).Draw(t, "chain"))},
		At:      int64(rapid.IntRange(0, 1<<40).Draw(t, "at")),
	}
})

// A window is the last entries of a list, whatever they hold.
func TestWindowIsTheLastEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := Seq(rapid.IntRange(1, 3000).Draw(t, "first"))
		var window Window
		var all []WindowEntry
		for i := range rapid.SampledFrom([]int{0, 1, 7, 8, 9, 63, WindowRecords - 1, WindowRecords, WindowRecords + 1, 2*WindowRecords + 5}).Draw(t, "count") {
			e := WindowEntry{Kind: KindMessage, User: 1, Chain: Chain{byte(i)}}
			if i%17 == 0 {
				e = windowEntries.Draw(t, "entry")
			}
			e.Seq = first + Seq(i)
			if err := window.Add(e); err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
		want := append([]WindowEntry{}, all[max(0, len(all)-WindowRecords):]...)
		if diff := cmp.Diff(want, window.Entries()); diff != "" {
			t.Fatalf("entries (-want +got):\n%s", diff)
		}
		if window.Len() != len(want) {
			t.Fatalf("length got %d, want %d", window.Len(), len(want))
		}
		after := first + Seq(rapid.IntRange(0, len(all)+1).Draw(t, "after"))
		probe := windowEntries.Draw(t, "probe")
		var found *WindowEntry
		deleted := false
		for _, e := range want {
			if e.Seq > after && probe.CID != "" && e.CID == probe.CID && e.User == probe.User {
				found = &e
			}
			deleted = deleted || e.Seq > after && e.Kind == KindDelete && e.Outcome == Effective && e.Target == probe.Target
		}
		got, ok := window.Find(probe.User, probe.CID, after)
		if ok != (found != nil) || ok && got != *found {
			t.Fatalf("find %d %q above %d: got %+v %t, want %+v", probe.User, probe.CID, after, got, ok, found)
		}
		if got := window.Deleted(probe.Target, after); got != deleted {
			t.Fatalf("deleted %d above %d: got %t, want %t", probe.Target, after, got, deleted)
		}
	})
}

func TestWindowAt(t *testing.T) {
	var window Window
	if _, ok := window.At(0); ok || window.First() != 0 {
		t.Error("an empty window has an entry")
	}
	for seq := Seq(5); seq < 5+2*WindowRecords; seq++ {
		if err := window.Add(WindowEntry{Seq: seq, Kind: KindMessage, At: int64(seq)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		seq Seq
		ok  bool
	}{{0, false}, {5, false}, {window.First() - 1, false}, {window.First(), true}, {2 * WindowRecords, true}, {2*WindowRecords + 4, true}, {2*WindowRecords + 5, false}} {
		e, ok := window.At(test.seq)
		if ok != test.ok || ok && (e.Seq != test.seq || e.At != int64(test.seq)) {
			t.Errorf("at %d: got %+v %t, want %t", test.seq, e, ok, test.ok)
		}
	}
}

func TestWindowRefusesHoles(t *testing.T) {
	for _, second := range []Seq{0, 4, 5, 7} {
		var window Window
		if err := window.Add(WindowEntry{Seq: 5}); err != nil {
			t.Fatal(err)
		}
		if err := window.Add(WindowEntry{Seq: second}); err == nil {
			t.Errorf("entry %d was taken behind 5", second)
		}
	}
	if err := new(Window).Add(WindowEntry{}); err == nil {
		t.Error("entry 0 was taken")
	}
}

func TestWindowEqual(t *testing.T) {
	fill := func(from, to Seq, user UserID) (w Window) {
		for seq := from; seq <= to; seq++ {
			if err := w.Add(WindowEntry{Seq: seq, User: user}); err != nil {
				t.Fatal(err)
			}
		}
		return w
	}
	base := fill(1, 9, 1)
	for name, other := range map[string]Window{"longer": fill(1, 10, 1), "later": fill(2, 10, 1), "another": fill(1, 9, 2), "empty": {}} {
		if base.Equal(other) {
			t.Errorf("equals one that is %s", name)
		}
	}
	if !base.Equal(fill(1, 9, 1)) || !(Window{}).Equal(Window{}) {
		t.Error("differs from its like")
	}
}

func BenchmarkWindowFull(b *testing.B) {
	id := uuid.NewString()
	mac := Sign(nil, &Record{})
	b.ReportAllocs()
	for b.Loop() {
		var w Window
		for seq := Seq(1); seq <= WindowRecords; seq++ {
			w.push(&WindowEntry{Seq: seq, Kind: KindMessage, CID: id, MAC: mac})
		}
	}
}

func ExampleWindow_Find() {
	var window Window
	_ = window.Add(WindowEntry{Seq: 41, User: 1, CID: "c"})
	e, found := window.Find(1, "c", 40)
	fmt.Println(e.Seq, found)
	_, found = window.Find(1, "c", 41)
	fmt.Println(found)
	// Output:
	// 41 true
	// false
}
