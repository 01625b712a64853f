package history_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/store"
)

// TestCursorOfARestoredLogOnAnotherNode: a log was restored from a backup, or is
// a new one behind what the store has kept. Cursors that devices were given
// before go on, on every node, as far as the histories are the same; behind that
// they are recognised, also by a node that is not that far yet.
func TestCursorOfARestoredLogOnAnotherNode(t *testing.T) {
	const same = 10 // events that the backup has
	var former []chat.Cursor
	{
		w := newWorld(t)
		r := w.newRoom(t, chat.PublicRoom, w.bo)
		r.talk(t, w.ann, 30)
		for seq := range r.head().Seq {
			former = append(former, r.cursor(seq+1))
		}
	}
	c := newCluster(t, t.TempDir(), 2)
	t.Cleanup(c.world.close)
	w := c.world
	r := w.newRoom(t, chat.PublicRoom, w.bo)
	r.talk(t, w.ann, same-1)
	if r.cursor(same) != former[same-1] {
		t.Fatalf("the backup ends with %s, want %s", r.cursor(same), former[same-1])
	}
	c.store(t, int64(w.records))
	there, late := c.nodes[0], c.nodes[1]
	late.stage.await(t, int64(w.records))
	late.hold(int64(w.records))
	r.append(t, withCIDs(said(w.ann, "after the backup was restored"), "another", 5)...)
	there.stage.await(t, int64(w.records))

	since := func(n *node, cursor chat.Cursor) (history.Part, error) {
		return n.reader.Since(context.Background(), w.bo, r.id, cursor, 0)
	}
	check := func(n *node) {
		t.Helper()
		for _, tc := range []struct {
			cursor chat.Cursor
			want   chat.ResetReason
		}{
			{former[same-2], ""}, {former[same-1], ""},
			{former[same], chat.ResetHistory}, {former[same+4], chat.ResetHistory},
			{former[same+5], chat.ResetAhead}, {former[29], chat.ResetAhead},
		} {
			part, err := since(n, tc.cursor)
			if err != nil {
				t.Fatalf("since %s: %v", tc.cursor, err)
			}
			if part.Reset != tc.want {
				t.Errorf("since %s: got reset %q, want %q", tc.cursor, part.Reset, tc.want)
			}
			if tc.want == "" {
				wantLines(t, part.Events, r.span(1, r.head().Seq, tc.cursor.Seq+1, r.head().Seq))
			}
		}
	}
	check(there)

	// The other node has only what the backup had. It must take nothing behind
	// that for an answer about this history before it has it.
	type answer struct {
		part history.Part
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		part, err := since(late, former[same])
		answers <- answer{part, err}
	}()
	late.release()
	if got := <-answers; got.err != nil || got.part.Reset != chat.ResetHistory {
		t.Errorf("a node that comes behind: got reset %q, %v; want %q", got.part.Reset, got.err, chat.ResetHistory)
	}
	check(late)
}

// withCIDs is so many records like this one, each with a cid of its own.
func withCIDs(rec chat.Record, cid string, n int) []chat.Record {
	recs := make([]chat.Record, n)
	for i := range recs {
		recs[i] = rec
		recs[i].CID = cid + string(rune('a'+i))
	}
	return recs
}

// TestRightsChangeWhileAnotherNodeOpensTheRoom: a node has read what opens a
// room, and before it has applied what came since, another node takes somebody
// in and throws somebody out, and a recorder stores it. The answers of the node
// are those of the log's end all the same.
func TestRightsChangeWhileAnotherNodeOpensTheRoom(t *testing.T) {
	for name, stored := range map[string]bool{"stored": true, "not stored": false} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, t.TempDir(), 2)
			t.Cleanup(c.world.close)
			w := c.world
			r := w.newRoom(t, chat.PrivateRoom, w.bo)
			r.talk(t, w.ann, 20)
			c.store(t, int64(w.records))
			elsewhere, opens := c.nodes[0], c.nodes[1]
			opens.stage.await(t, int64(w.records))
			read, goOn := make(chan struct{}), make(chan struct{})
			opens.store.onLoad(func() {
				close(read)
				<-goOn
			})

			type answer struct {
				page history.Page
				err  error
			}
			ask := func(user chat.UserID) <-chan answer {
				answers := make(chan answer, 1)
				go func() {
					page, err := opens.reader.Page(context.Background(), user, r.id, history.PageQuery{})
					answers <- answer{page, err}
				}()
				return answers
			}
			first := ask(w.ann)
			<-read
			opens.hold(int64(w.records)) // what comes now is not applied there yet
			for _, draft := range []chat.Record{invite(w.ann, w.cy), kick(w.ann, w.bo)} {
				draft.Room = r.id
				if answer := elsewhere.hub.SubmitWait(t.Context(), fanout.Submission{Draft: draft}); answer.Err != nil {
					t.Fatalf("%s on the other node: %v", draft.Kind, answer.Err)
				}
			}
			end := c.end(t)
			if stored {
				c.store(t, end)
				opens.hub.Stored(0, end)
			}
			taken, thrown := ask(w.cy), ask(w.bo)
			close(goOn)
			opens.release()

			const head = 23
			for who, answers := range map[string]<-chan answer{"ann": first, "cy": taken} {
				got := <-answers
				if got.err != nil {
					t.Fatalf("%s: %v", who, got.err)
				}
				if n := len(got.page.Events); got.page.AsOf != head || n != head || got.page.Events[n-1].Kind != chat.KindKick {
					t.Errorf("%s: got %d events as of %d, want all %d", who, n, got.page.AsOf, head)
				}
			}
			wantRefusal(t, (<-thrown).err, chat.NotFound)
		})
	}
}

// TestRightsGivenElsewhere: who may do something since another node has said so is
// not refused by a node that has not applied it yet, and what another node has
// undone is not taken for done.
func TestRightsGivenElsewhere(t *testing.T) {
	c := newCluster(t, t.TempDir(), 2)
	t.Cleanup(c.world.close)
	w := c.world
	r := w.newRoom(t, chat.PrivateRoom, w.bo)
	r.talk(t, w.ann, 5)
	c.store(t, int64(w.records))
	elsewhere, behind := c.nodes[0], c.nodes[1]
	behind.stage.await(t, int64(w.records))
	behind.page(t, w.ann, r.id)
	behind.hold(int64(w.records))
	submit := func(n *node, draft chat.Record) (answer chat.Answer) {
		draft.Room = r.id
		// Who is behind for too long says so, which is no refusal.
		for again := true; again; again = answer.Err != nil && answer.Err.Code == chat.Unavailable {
			answer = n.hub.SubmitWait(t.Context(), fanout.Submission{Draft: draft})
		}
		return answer
	}
	for _, draft := range []chat.Record{invite(w.ann, w.cy), kick(w.ann, w.bo)} {
		if answer := submit(elsewhere, draft); answer.Err != nil {
			t.Fatalf("%s on the other node: %v", draft.Kind, answer.Err)
		}
	}

	drafts := withCIDs(said(w.cy, "here I am"), "since", 1)
	drafts = append(drafts, withCIDs(invite(w.ann, w.bo), "again", 1)...)
	answers := make([]chat.Answer, len(drafts))
	askers, permits := []chat.UserID{w.cy, stranger}, make([]error, 2)
	judged := make(chan struct{}, 100) // or the log was asked for its end
	asked := func() { judged <- struct{}{} }
	c.log.asked.Store(&asked)
	var all sync.WaitGroup
	for i, draft := range drafts {
		all.Go(func() {
			answers[i] = submit(behind, draft)
			judged <- struct{}{}
		})
	}
	for i, user := range askers {
		all.Go(func() {
			permits[i] = permit(behind, r.id, user)
			judged <- struct{}{}
		})
	}
	for range len(drafts) + len(askers) {
		<-judged
	}
	c.log.asked.Store(nil)
	behind.release()
	all.Wait()
	for i, answer := range answers {
		if answer.Err != nil || answer.Already || answer.Seq <= r.head().Seq+2 {
			t.Errorf("%s by %d: got %+v, want it taken", drafts[i].Kind, drafts[i].User, answer)
		}
	}
	if permits[0] != nil {
		t.Errorf("who was let in elsewhere: %v", permits[0])
	}
	wantRefusal(t, permits[1], chat.NotFound)
}

// stranger is in no room.
const stranger = chat.UserID(1 << 40)

// permit asks whether somebody may read a room.
func permit(n *node, room chat.RoomID, user chat.UserID) error {
	for {
		err := n.hub.Permit(context.Background(), room, func(v *fanout.View) error {
			if _, readable := v.State.ReadableFrom(user); !readable {
				return fanout.NotReadable(v.State, user)
			}
			return nil
		})
		// As above.
		if err == nil || chat.AsError(err).Code != chat.Unavailable {
			return err
		}
	}
}

// TestDatabaseAwayFromAllNodes: for a minute no node and no recorder reaches the
// database. Who talks in rooms that are open goes on, on every node; rooms that
// are not open wait; nothing is closed meanwhile, and when the database is back
// it catches up.
func TestDatabaseAwayFromAllNodes(t *testing.T) {
	c := newCluster(t, t.TempDir(), 2)
	t.Cleanup(c.world.close)
	w := c.world
	r, quiet, closed := w.newRoom(t, chat.PrivateRoom, w.bo), w.newRoom(t, chat.PublicRoom), w.newRoom(t, chat.PublicRoom)
	r.talk(t, w.ann, 20)
	c.store(t, int64(w.records))
	c.behind.open()
	for _, n := range c.nodes {
		n.stage.await(t, int64(w.records))
		n.page(t, w.bo, r.id)
		n.page(t, w.bo, quiet.id)
	}
	c.setAway(true)
	said := 20
	for second := range 60 {
		c.clock.advance(time.Second)
		for _, n := range c.nodes {
			n.tick(t)
		}
		n, user := c.nodes[second%2], []chat.UserID{w.ann, w.bo}[second%2]
		draft := chat.Record{Kind: chat.KindMessage, Room: r.id, User: user, Text: fmt.Sprint("second ", second)}
		if answer := n.hub.SubmitWait(t.Context(), fanout.Submission{Draft: draft}); answer.Err != nil {
			t.Fatalf("second %d: %v", second, answer.Err)
		}
		said++
	}
	c.clock.advance(time.Hour) // long after the last use
	for _, n := range c.nodes {
		n.tick(t)
		page := n.page(t, w.ann, r.id)
		if last := page.Events[len(page.Events)-1]; int(page.Head.N) != said || last.Text() != "second 59" {
			t.Errorf("a page without database: got %q at %+v, want the last of %d messages", last.Text(), page.Head, said)
		}
		n.page(t, w.ann, quiet.id)
		_, err := n.reader.Page(t.Context(), w.ann, closed.id, history.PageQuery{})
		wantRefusal(t, err, chat.Unavailable)
	}
	end := c.end(t)
	c.setAway(false)
	w.waitStored(t, end)
	for _, n := range c.nodes {
		n.page(t, w.ann, closed.id)
	}
	stored, _, err := w.store.Store.Range(t.Context(), r.id, 0, 1000, 1000, 1<<20)
	if err != nil || len(stored) != said+1 || stored[said].Text() != "second 59" {
		t.Errorf("stored: got %d events, %v; want all %d", len(stored), err, said+1)
	}
}

func (n *node) page(t tb, user chat.UserID, room chat.RoomID) history.Page {
	t.Helper()
	page, err := n.reader.Page(context.Background(), user, room, history.PageQuery{})
	if err != nil {
		t.Fatalf("page: %v", err)
	}
	return page
}

// setAway takes the database from everybody, or gives it back.
func (c *cluster) setAway(away bool) {
	for _, n := range c.nodes {
		n.store.away.Store(away)
	}
	if !away {
		c.world.store.onCommit(nil)
		c.world.store.onRead(nil)
		return
	}
	c.world.store.onCommit(func(store.Batch, func() error) error { return driver.ErrBadConn })
	c.world.store.onRead(func(func() error) error { return driver.ErrBadConn })
}
