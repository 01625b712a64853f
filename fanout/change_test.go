package fanout_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
)

func edit(user chat.UserID, message chat.Seq, text string) chat.Record {
	return chat.Record{Kind: chat.KindEdit, User: user, TargetSeq: message, Text: text}
}

func erase(user chat.UserID, message chat.Seq) chat.Record {
	return chat.Record{Kind: chat.KindDelete, User: user, TargetSeq: message}
}

// makeGroup makes a group of Ann and Bo.
func (w *world) makeGroup() {
	w.t.Helper()
	w.mustSend(chat.Record{
		Kind: chat.KindCreate, User: ann, RoomKind: chat.GroupRoom,
		Members: []chat.Member{{User: ann, Role: chat.RoleOwner}, {User: bo, Role: chat.RoleMember}},
	})
}

// stored makes the store hold everything, and the hub know it.
func (w *world) stored() {
	w.t.Helper()
	w.hub.Stored(0, w.store.advanceToEnd(w.t))
}

// outgrow appends so much that nothing of before is in the ring any more.
func (w *world) outgrow() {
	w.t.Helper()
	w.stored()
	w.fill(2*chat.RingEvents+1, "filler")
	if err := w.hub.View(context.Background(), room, 0, func(v *fanout.View) error {
		if v.Event(2) != nil {
			w.t.Error("event 2 is still in memory")
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

// TestChangesAreJudgedByTheirMessage goes through every answer to a change, with
// the message in memory, and below what memory holds.
func TestChangesAreJudgedByTheirMessage(t *testing.T) {
	for name, below := range map[string]bool{"in memory": false, "in the store": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).start()
			w.make(bo)                    // 1, 2
			w.mustSend(text(ann, "one"))  // 3
			w.mustSend(text(bo, "two"))   // 4
			w.mustSend(text(bo, "three")) // 5
			if below {
				w.outgrow()
			}
			for i, test := range []struct {
				name  string
				draft chat.Record
				want  chat.Code // empty: ok
			}{
				{"one's own", edit(ann, 3, "changed"), ""},
				{"somebody else's", edit(ann, 4, "x"), chat.Forbidden},
				{"by somebody who is no member", edit(cy, 3, "x"), chat.Forbidden},
				{"not a message", edit(bo, 2, "x"), chat.NotFound},
				{"never reached", edit(bo, 10_000, "x"), chat.NotFound},
				{"no number", edit(bo, 0, "x"), chat.NotFound},
				{"delete one's own", erase(bo, 4), ""},
				{"delete again", erase(bo, 4), chat.Gone},
				{"edit what is deleted", edit(bo, 4, "x"), chat.Gone},
				{"edit what is deleted, of somebody else", edit(ann, 4, "x"), chat.Forbidden},
				{"delete somebody else's as a member", erase(bo, 3), chat.Forbidden},
				{"delete somebody else's as the owner", erase(ann, 5), ""},
				{"edit what the owner deleted", edit(bo, 5, "x"), chat.Gone},
			} {
				for _, retry := range []bool{false, true} {
					cid := fmt.Sprintf("c%d", i)
					if test.want != "" && retry {
						cid += "-again" // the first is not in the log
					}
					answer := w.submit(fanout.Submission{Draft: withCID(test.draft, cid), Retry: retry})
					switch {
					case test.want != "":
						wantCode(t, answer, test.want)
					case answer.Err != nil || answer.Duplicate != retry:
						t.Errorf("%s, retry %v: got %+v, want ok", test.name, retry, answer)
					}
				}
				if t.Failed() {
					t.Fatal(test.name)
				}
			}
		})
	}
}

// TestDeletionThatOnlyMemoryKnows: the message is below the ring, its deletion
// is not stored.
func TestDeletionThatOnlyMemoryKnows(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	w.mustSend(text(ann, "one")) // 2
	w.outgrow()
	w.mustSend(erase(ann, 2))
	wantCode(t, w.send(edit(ann, 2, "x")), chat.Gone)
	wantCode(t, w.send(erase(ann, 2)), chat.Gone)
	w.stored()
	wantCode(t, w.send(edit(ann, 2, "x")), chat.Gone)
}

func TestOldTargetWithoutDatabase(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	w.mustSend(text(ann, "one"))
	w.outgrow()
	w.store.mu.Lock()
	w.store.down = errors.New("the database is away")
	w.store.mu.Unlock()
	wantCode(t, w.send(edit(ann, 2, "x")), chat.Unavailable)
	w.mustSend(edit(ann, w.head().Seq, "a recent message needs no database"))
}

// TestRetryOfAChange: the answer is the same, and no second record is written,
// whatever became of the message since.
func TestRetryOfAChange(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	w.mustSend(text(ann, "one"))
	first := w.mustSend(withCID(edit(ann, 2, "changed"), "c1"))
	w.mustSend(erase(ann, 2))
	want := first
	want.Duplicate = true
	check := func() {
		t.Helper()
		before := w.log.appends()
		got := w.submit(fanout.Submission{Draft: withCID(edit(ann, 2, "changed"), "c1"), Retry: true})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("answer again (-want +got):\n%s", diff)
		}
		if got := w.log.appends() - before; got != 0 {
			t.Errorf("it wrote %d records, want 0", got)
		}
		wantCode(t, w.send(withCID(edit(ann, 2, "another text"), "c1")), chat.CIDConflict)
	}
	check()
	w.outgrow()
	w.stored()
	w.clock.advance(2 * chat.TableSpan)
	check()
}

// TestDeletedWhileAChangeIsUnderWay: the edit was judged before the deletion and
// comes behind it.
func TestDeletedWhileAChangeIsUnderWay(t *testing.T) {
	for name, between := range map[string]int{"close": 0, "so late that it is stale": chat.WindowRecords} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).start()
			w.make(bo)
			w.mustSend(text(bo, "one")) // 3
			release, handed := make(chan struct{}), make(chan struct{})
			w.log.set(func(rec eventlog.Record, append func(func(eventlog.Position, error)), done func(eventlog.Position, error)) {
				if envelope, _ := chat.Peek(rec.Headers); envelope.Kind != chat.KindEdit {
					append(done)
					return
				}
				close(handed)
				go func() { <-release; append(done) }()
			})
			answers := make(chan chat.Answer, 1)
			go func() { answers <- w.send(withCID(edit(bo, 3, "too late"), "c1")) }()
			<-handed
			w.mustSend(erase(bo, 3))
			w.fill(between, "other")
			close(release)
			wantCode(t, <-answers, chat.Gone)
			before := w.log.appends()
			wantCode(t, w.submit(fanout.Submission{Draft: withCID(edit(bo, 3, "too late"), "c1"), Retry: true}), chat.Gone)
			if got := w.log.appends() - before; got != 0 {
				t.Errorf("the retry wrote %d records, want 0", got)
			}
		})
	}
}

// TestMessageSeenOnAnotherNode: the node is behind the message that is to be
// edited, and catches up first.
func TestMessageSeenOnAnotherNode(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	next := newWorld(t)
	next.store.log = w.log.Log
	held := &heldLog{Log: w.log.Log, release: make(chan struct{})}
	next.log = &faultLog{Log: held}
	next.store.advanceToEnd(t)
	next.start()
	w.mustSend(text(ann, "one"))
	answers := make(chan chat.Answer, 1)
	go func() { answers <- next.send(edit(ann, 2, "changed")) }()
	close(held.release)
	if answer := <-answers; answer.Err != nil || answer.Seq != 3 {
		t.Errorf("answer: got %+v, want seq 3", answer)
	}
}

// TestHiddenFromLatecomers: who joined a group late gets of a change to an
// earlier message only that there was one, live and while they catch up.
func TestHiddenFromLatecomers(t *testing.T) {
	w := newWorld(t).start()
	w.makeGroup()
	w.mustSend(text(ann, "before Cy"))                                        // 2
	w.mustSend(chat.Record{Kind: chat.KindInvite, User: ann, TargetUser: cy}) // 3
	w.mustSend(text(ann, "with Cy"))                                          // 4
	old, late := w.subscribe(bo), w.subscribe(cy)
	catching := w.attach(cy)
	sub, _, err := w.hub.Subscribe(context.Background(), catching.client, room)
	if err != nil {
		t.Fatal(err)
	}
	w.mustSend(edit(ann, 2, "secret"))  // 5
	w.mustSend(edit(ann, 4, "changed")) // 6
	w.mustSend(chat.Record{Kind: chat.KindReact, User: bo, TargetSeq: 2, Emoji: "+1"})
	w.mustSend(erase(ann, 2)) // 8
	w.mustSend(erase(ann, 4)) // 9
	sub.Live()
	want := []string{"5 edit secret", "6 edit changed", "7 react", "8 delete", "9 delete"}
	if diff := cmp.Diff(want, brief(old.wait(5))); diff != "" {
		t.Errorf("to Bo (-want +got):\n%s", diff)
	}
	want = []string{"5 hidden", "6 edit changed", "7 hidden", "8 hidden", "9 delete"}
	for name, s := range map[string]*socket{"live": late, "catching up": catching} {
		got := s.wait(5)
		if diff := cmp.Diff(want, brief(got)); diff != "" {
			t.Errorf("to Cy, %s (-want +got):\n%s", name, diff)
		}
		wantHidden := fmt.Sprintf(`{"seq":5,"cursor":"%s","kind":"hidden","roomId":7}`, cursorOf(t, old.wait(1)[0]))
		if got[0] != wantHidden {
			t.Errorf("hidden, %s: got %s, want %s", name, got[0], wantHidden)
		}
	}

	// Once the latecomer is gone, everybody gets the same again.
	late.client.Detach()
	catching.client.Detach()
	w.mustSend(text(ann, "goes on"))
	old.wait(6)
}

// TestLatecomerCannotProbe: a message from before the person could read is, to
// them, none; their own stay theirs.
func TestLatecomerCannotProbe(t *testing.T) {
	w := newWorld(t).start()
	w.makeGroup()
	w.mustSend(text(ann, "before Cy")) // 2
	w.mustSend(text(bo, "Bo's"))       // 3
	w.mustSend(chat.Record{Kind: chat.KindInvite, User: ann, TargetUser: cy})
	w.mustSend(chat.Record{Kind: chat.KindLeave, User: bo})
	w.mustSend(chat.Record{Kind: chat.KindInvite, User: ann, TargetUser: bo})
	before := w.log.appends()
	for _, retry := range []bool{false, true} {
		for _, draft := range []chat.Record{edit(cy, 2, "x"), erase(cy, 2), edit(cy, 3, "x"), edit(cy, 1, "x")} {
			answer := w.submit(fanout.Submission{Draft: draft, Retry: retry})
			if answer.Err == nil || answer.Err.Code != chat.NotFound || answer.Err.Message != "There is no such message." {
				t.Errorf("%s of %d, retry %v: got %+v, want that there is no such message", draft.Kind, draft.TargetSeq, retry, answer)
			}
		}
	}
	if got := w.log.appends() - before; got != 0 {
		t.Errorf("probing wrote %d records, want 0", got)
	}
	w.mustSend(erase(bo, 3))
}

// TestStrangerLearnsNothing: of a room that is not public nobody else learns
// that it is there, whatever they try.
func TestStrangerLearnsNothing(t *testing.T) {
	w := newWorld(t).start()
	w.mustSend(chat.Record{
		Kind: chat.KindCreate, User: ann, Name: "secret", RoomKind: chat.PrivateRoom,
		Members: []chat.Member{{User: ann, Role: chat.RoleOwner}},
	})
	w.mustSend(text(ann, "one"))
	want := chat.AsError(w.hub.View(context.Background(), room, 0, func(v *fanout.View) error { return fanout.NotReadable(v.State, cy) }))
	for _, draft := range []chat.Record{
		text(cy, "x"), edit(cy, 2, "x"), edit(cy, 1, "x"), edit(cy, 99, "x"), erase(cy, 2),
		{Kind: chat.KindLeave, User: cy}, {Kind: chat.KindJoin, User: cy}, {Kind: chat.KindKick, User: cy, TargetUser: bo},
	} {
		answer := w.send(draft)
		if diff := cmp.Diff(chat.Answer{Err: want}, answer); diff != "" {
			t.Errorf("%s of %d (-want +got):\n%s", draft.Kind, draft.TargetSeq, diff)
		}
	}
}

// TestTurboSeesNoChanges: clients of that shape get no frame, and their numbers
// go on.
func TestTurboSeesNoChanges(t *testing.T) {
	w := newWorld(t).start()
	w.makeGroup()
	w.mustSend(text(ann, "one")) // 2
	w.mustSend(chat.Record{Kind: chat.KindInvite, User: ann, TargetUser: cy})
	turbo, modern := w.attach(cy), w.subscribe(ann)
	turbo.client.SetShape(fanout.Turbo)
	sub, _, err := w.hub.Subscribe(context.Background(), turbo.client, room)
	if err != nil {
		t.Fatal(err)
	}
	sub.Live()
	w.mustSend(edit(ann, 2, "changed"))
	w.mustSend(erase(ann, 2))
	modern.wait(2)
	if got := turbo.settled(); len(got) != 0 {
		t.Errorf("frames: got %v, want none", got)
	}
}

// TestDeletedTextLeavesMemory: after the deletion neither the message nor the
// edits of it have its text.
func TestDeletedTextLeavesMemory(t *testing.T) {
	w := newWorld(t).start()
	w.make()
	w.mustSend(text(ann, "canary one")) // 2
	w.mustSend(edit(ann, 2, "canary two"))
	w.mustSend(edit(ann, 2, "canary three"))
	w.mustSend(erase(ann, 2))
	if err := w.hub.View(context.Background(), room, 0, func(v *fanout.View) error {
		events, _ := v.Events(0, 100)
		for _, ev := range events {
			if strings.Contains(string(ev.Body), "canary") {
				t.Errorf("%s %d still has %s", ev.Kind, ev.Seq, ev.Body)
			}
		}
		if message := v.Event(2); !message.Deleted || message.Rev != 5 {
			t.Errorf("message: got %+v, want deleted by 5", message)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestCopyOfAStaleRecord: a record is stale and handed over anew; then a copy of
// the first, which the log's client made, comes before it. Both are judged as
// they were written, so this node agrees with everybody else.
func TestCopyOfAStaleRecord(t *testing.T) {
	w := newWorld(t).start()
	w.make(bo)
	release, handed := make(chan struct{}), make(chan struct{})
	w.log.set(func(rec eventlog.Record, append func(func(eventlog.Position, error)), done func(eventlog.Position, error)) {
		if envelope, _ := chat.Peek(rec.Headers); envelope.User != bo || envelope.After != 2 {
			append(done)
			return
		}
		close(handed)
		go func() {
			<-release
			append(done)
			append(func(eventlog.Position, error) {})
		}()
	})
	answers := make(chan chat.Answer, 1)
	go func() { answers <- w.send(text(bo, "slow")) }()
	<-handed
	w.fill(chat.WindowRecords, "other")
	close(release)
	answer := <-answers
	if answer.Err != nil {
		t.Fatalf("answer: got %+v, want ok", answer)
	}
	next := newWorld(t)
	next.log, next.store.log = w.log, w.log.Log
	next.start()
	if diff := cmp.Diff(next.head(), w.head()); diff != "" {
		t.Errorf("head (-a node that reads the log +this node):\n%s", diff)
	}
	w.stored()
	events, _, err := w.store.Range(context.Background(), room, answer.Seq-1, answer.Seq, 1, 0)
	if err != nil || len(events) != 1 || events[0].Cursor() != answer.Cursor || events[0].ID != answer.ID {
		t.Errorf("event %d: got %+v, %v; want the one that was answered, %+v", answer.Seq, events, err, answer)
	}
}

func cursorOf(t *testing.T, frame string) string {
	t.Helper()
	_, rest, found := strings.Cut(frame, `"cursor":"`)
	cursor, _, ended := strings.Cut(rest, `"`)
	if !found || !ended {
		t.Fatalf("%s has no cursor", frame)
	}
	return cursor
}
