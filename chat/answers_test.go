package chat

import (
	"fmt"
	"maps"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// cidMadeAt is a UUIDv7 of that time, in ms UTC.
func cidMadeAt(ms int64, random byte) string {
	id := uuid.UUID{6: 0x70, 8: 0x80, 15: random}
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	return id.String()
}

type answerKey struct {
	user UserID
	cid  string
}

// known is an entry as [Answers] have it.
func known(e WindowEntry) WindowEntry {
	e.Kind, e.Target = "", 0
	return e
}

// TestAnswers compares with a map whatever is added and forgotten.
func TestAnswers(t *testing.T) {
	const room = RoomID(7)
	rapid.Check(t, func(t *rapid.T) {
		var a Answers
		model := make(map[answerKey]WindowEntry)
		cid := rapid.OneOf(
			rapid.Custom(func(t *rapid.T) string {
				return cidMadeAt(rapid.Int64Range(0, 20).Draw(t, "made at"), rapid.Byte().Draw(t, "random"))
			}),
			rapid.SampledFrom([]string{"note_1", "note_2", uuid.Nil.String(), uuid.Max.String(), "018F3C1A-0000-7000-8000-000000000000"}),
		)
		user := rapid.Custom(func(t *rapid.T) UserID { return UserID(rapid.Int64Range(1, 3).Draw(t, "user")) })
		seq := Seq(0)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				for range rapid.IntRange(1, 30).Draw(t, "times") {
					seq++
					e := WindowEntry{
						Seq: seq, Kind: KindMessage, User: user.Draw(t, "user"), CID: cid.Draw(t, "cid"), At: int64(seq) * 1000, Target: 1,
						MAC:     rapid.SampledFrom([]string{"AAAAAAAAAAAAAAAAAAAAAQ", "AAAAAAAAAAAAAAAAAAAAAA", "of another version", ""}).Draw(t, "mac"),
						Outcome: rapid.SampledFrom([]Outcome{Effective, VoidForbidden, VoidGone, VoidAlready, "void of tomorrow"}).Draw(t, "outcome"),
						Chain:   Chain{byte(seq), 1, 2, 3, 4},
					}
					if _, used := model[answerKey{e.User, e.CID}]; !used {
						a.Add(&e)
						model[answerKey{e.User, e.CID}] = known(e)
					}
				}
			},
			"forget": func(t *rapid.T) {
				stored, before := Seq(rapid.Uint64Range(0, uint64(seq)).Draw(t, "stored")), rapid.Int64Range(0, 21).Draw(t, "before")
				a.Forget(stored, before)
				maps.DeleteFunc(model, func(key answerKey, e WindowEntry) bool {
					made, _ := CIDTime(key.cid)
					return e.Seq <= stored && made < before
				})
			},
			"ask": func(t *rapid.T) {
				key := answerKey{user.Draw(t, "user"), cid.Draw(t, "cid")}
				got, found := a.Find(key.user, key.cid)
				want, there := model[key]
				if found != there || cmp.Diff(want, got) != "" || cmp.Diff(want.Answer(room), got.Answer(room)) != "" {
					t.Fatalf("%v: got %+v (%v), want %+v (%v)", key, got, found, want, there)
				}
			},
			"": func(t *rapid.T) {
				if a.Len() != len(model) {
					t.Fatalf("got %d answers, want %d", a.Len(), len(model))
				}
				for key, want := range model {
					if got, found := a.Find(key.user, key.cid); !found || got != want {
						t.Fatalf("%v: got %+v (%v), want %+v", key, got, found, want)
					}
				}
				after, wanted := int64(10), make(map[UserID]int)
				for key := range model {
					if made, isV7 := CIDTime(key.cid); isV7 && made > after {
						wanted[key.user]++
					}
				}
				for user := UserID(1); user <= 3; user++ {
					if got := a.MadeAfter(user, after); got != wanted[user] {
						t.Fatalf("made after %d by %d: got %d, want %d", after, user, got, wanted[user])
					}
				}
			},
		})
	})
}

// BenchmarkAnswers says what a cid takes in memory.
func BenchmarkAnswers(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			entries := make([]WindowEntry, n)
			for i := range entries {
				cid, err := NewCID()
				if err != nil {
					b.Fatal(err)
				}
				entries[i] = WindowEntry{Seq: Seq(i + 1), User: UserID(1 + i%20), CID: cid, At: 1, MAC: Sign([]byte("a key"), &Record{CID: cid})}
			}
			b.ResetTimer()
			tables := make([]Answers, b.N)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			for i := range tables {
				for k := range entries {
					tables[i].Add(&entries[k])
				}
			}
			b.StopTimer()
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/float64(n*b.N), "B/answer")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*b.N), "ns/answer")
			b.ReportMetric(0, "ns/op")
			runtime.KeepAlive(tables)
		})
	}
}
