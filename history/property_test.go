package history_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/history"
)

// TestAnswersEqualTheModel: whatever happened in a room, however far the
// recorder got and whenever this node opened the room, pages and resumes are
// what the model makes of the whole history.
func TestAnswersEqualTheModel(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]chat.RoomKind{chat.PublicRoom, chat.PrivateRoom, chat.GroupRoom}).Draw(t, "kind")
		r := w.newRoom(t, kind, w.bo)
		for range rapid.IntRange(2, 6).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"live", "live", "store", "open"}).Draw(t, "step") {
			case "live":
				// Now and then enough to leave memory.
				r.live(t, rapid.SampledFrom([]int{3, 3, 30, 30, 280}).Draw(t, "records"))
			case "store":
				w.storeAll(t)
			case "open":
				r.open(t)
			}
			for range 2 {
				user := rapid.SampledFrom([]chat.UserID{w.ann, w.bo, w.cy}).Draw(t, "reader")
				r.checkPage(t, user)
				r.checkSince(t, user)
				r.checkLatest(t, user)
			}
		}
	})
}

// live appends what honest gateways could: among it copies of earlier records,
// and what was allowed a moment before.
func (r *room) live(t *rapid.T, records int) {
	people := []chat.UserID{r.w.ann, r.w.bo, r.w.cy}
	draw := rapid.Custom(func(t *rapid.T) [3]int {
		return [3]int{rapid.IntRange(0, 19).Draw(t, "what"), rapid.IntRange(0, 2).Draw(t, "who"), rapid.IntRange(0, 1<<20).Draw(t, "which")}
	})
	var pending sync.WaitGroup
	defer pending.Wait()
	for i := range records {
		d := draw.Draw(t, "record")
		user, other := people[d[1]], people[(d[1]+1+d[2]%2)%3]
		message := r.messageOf(user, d[2])
		rec := chat.Record{User: user, TargetUser: other}
		switch {
		case d[0] < 4 && message != nil:
			rec = edit(message, fmt.Sprintf("edit %d", i))
		case d[0] < 5 && message != nil:
			rec = erase(message)
		case d[0] < 6 && message != nil:
			rec.Kind, rec.TargetSeq, rec.TargetUser, rec.Emoji = chat.KindReact, message.Seq, message.User, "+1"
		case d[0] < 7:
			rec.Kind, rec.TargetUser = chat.KindJoin, 0
		case d[0] < 8 && user != r.w.ann:
			rec.Kind, rec.TargetUser = chat.KindLeave, 0
		case d[0] < 9 && user == r.w.ann:
			rec.Kind = chat.KindKick
		case d[0] < 11:
			rec.Kind = chat.KindInvite
		case d[0] < 12:
			// A copy that was under way when the first came.
			rec = said(user, "copy")
			rec.CID = fmt.Sprintf("copy-%d-%d", user, r.head().Seq/8)
			rec.After = r.head().Seq / 8 * 8
			if rec.After == 0 || r.head().Seq-rec.After > 7 {
				continue
			}
		default:
			rec = said(user, fmt.Sprintf("m%d", i))
		}
		r.put(t, &pending, rec)
	}
}

// messageOf is some message of the person that is not deleted, nil when there
// is none. Recent ones are more likely.
func (r *room) messageOf(user chat.UserID, which int) *chat.Event {
	for seq := len(r.events) - 1 - which%min(len(r.events), 1<<(which%10)); seq >= 0; seq-- {
		ev := r.events[seq]
		if ev.User == user && isEffective(ev, chat.KindMessage) && !r.deleted[ev.Seq] {
			return ev
		}
	}
	return nil
}

// readableFrom checks a refusal, or returns where the person reads from.
func (r *room) readableFrom(t *rapid.T, user chat.UserID, err error) (chat.Seq, bool) {
	from, readable := r.state.ReadableFrom(user)
	if readable != (err == nil) {
		t.Fatalf("may %d read: got %v, want %v", user, err, readable)
	}
	return from, readable
}

func (r *room) checkPage(t *rapid.T, user chat.UserID) {
	head := r.head().Seq
	at := chat.Seq(rapid.IntRange(1, int(head)+2).Draw(t, "at"))
	q := rapid.SampledFrom([]history.PageQuery{{}, {Before: at}, {After: at}, {Around: at}}).Draw(t, "place")
	q.Limit = rapid.SampledFrom([]int{1, 2, 7, 50, 200}).Draw(t, "limit")
	page, err := r.w.reader.Page(t.Context(), user, r.id, q)
	from, readable := r.readableFrom(t, user, err)
	if !readable {
		return
	}
	want := r.wantPage(from, head, q)
	if diff := cmp.Diff(want, linesOf(page.Events)); diff != "" {
		t.Fatalf("page %+v (-want +got):\n%s", q, diff)
	}
	wantBefore, wantAfter := q.After > 0, q.Before > 0
	if len(want) > 0 {
		wantBefore, wantAfter = want[0].Seq > from, want[len(want)-1].Seq < head
	}
	if page.MoreBefore != wantBefore || page.MoreAfter != wantAfter || page.AsOf != head || page.Head != r.head() {
		t.Fatalf("page %+v: got more %v, %v as of %d; want %v, %v as of %d", q, page.MoreBefore, page.MoreAfter, page.AsOf, wantBefore, wantAfter, head)
	}
}

func (r *room) checkSince(t *rapid.T, user chat.UserID) {
	head := r.head().Seq
	seq := chat.Seq(rapid.IntRange(0, int(head)).Draw(t, "since"))
	upTo := chat.Seq(rapid.IntRange(0, int(head)).Draw(t, "up to"))
	part, err := r.w.reader.Since(t.Context(), user, r.id, r.cursor(seq), upTo)
	from, readable := r.readableFrom(t, user, err)
	if !readable {
		return
	}
	want := history.Part{Head: r.head(), RoomName: r.state.Name}
	var lines []line
	if from > 1 && seq < from {
		want.Reset = chat.ResetMembership
	} else {
		end := upTo
		if upTo == 0 {
			end = head
		}
		last := min(end, seq+chat.MaxResumeEvents)
		lines = r.span(from, head, seq+1, last)
		want.More = last < end && seq < end
	}
	checkPart(t, fmt.Sprintf("since %d up to %d", seq, upTo), part, want, lines)
}

func (r *room) checkLatest(t *rapid.T, user chat.UserID) {
	messages := rapid.SampledFrom([]int{1, 5, 50}).Draw(t, "latest")
	part, err := r.w.reader.Latest(t.Context(), user, r.id, messages, 0)
	from, readable := r.readableFrom(t, user, err)
	if !readable {
		return
	}
	lines := r.wantLatest(from, messages)
	want := history.Part{Head: r.head(), RoomName: r.state.Name}
	if first := lines[0].Seq; first > from {
		want.GapFrom, want.GapTo = from, first-1
	}
	checkPart(t, fmt.Sprintf("latest %d", messages), part, want, lines)
}

func checkPart(t *rapid.T, what string, got, want history.Part, lines []line) {
	if lines == nil {
		lines = []line{}
	}
	if diff := cmp.Diff(lines, linesOf(got.Events)); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
	got.Events = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}
