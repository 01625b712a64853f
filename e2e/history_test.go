package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// TestHistory writes 5,000 messages and reads them back in every way that there
// is: each way gives exactly what was acknowledged.
func TestHistory(t *testing.T) {
	const messages, writers = 5000, 50
	server := rig.Serve(t)
	people := server.Crowd("writer", writers)
	room := people[0].CreateRoom("library")
	acknowledged := make([][]protocol.SendAck, writers)
	rig.Together(t, writers, func(i int) (err error) {
		acknowledged[i], err = writeMany(t, people[i], room.ID, messages/writers)
		return err
	})
	var want []place
	for _, acks := range acknowledged {
		for _, ack := range acks {
			want = append(want, place{ack.ID, ack.Seq, ack.Cursor, ack.At})
		}
	}
	slices.SortFunc(want, func(a, b place) int { return int(a.Seq) - int(b.Seq) })
	if len(want) != messages {
		t.Fatalf("%d messages were acknowledged, want %d", len(want), messages)
	}

	reader := server.Register("reader")
	socket := reader.Connect()
	ref := protocol.RoomRef{RoomID: room.ID}
	head := socket.Page(protocol.PageRequest{RoomRef: ref, Limit: 1}).Head
	if head.N != messages {
		t.Errorf("the room has %d messages by its head, want %d", head.N, messages)
	}
	overREST := func(query string) rig.Page { return reader.Page(room.ID, query) }
	for _, way := range []struct {
		name string
		read func(*testing.T) []protocol.Event
	}{
		{"socket, before", func(t *testing.T) []protocol.Event {
			return backwards(t, func(before uint64) rig.Page {
				if before == 0 { // the latest page
					return socket.Page(protocol.PageRequest{RoomRef: ref, Limit: 200})
				}
				return socket.Page(protocol.PageRequest{RoomRef: ref, Before: &before, Limit: 200})
			})
		}},
		{"socket, after", func(t *testing.T) []protocol.Event {
			return forwards(t, func(after uint64) rig.Page {
				if after == 0 { // the first page has no event before it to name
					return socket.Page(protocol.PageRequest{RoomRef: ref, Around: new(uint64(1)), Limit: 200})
				}
				return socket.Page(protocol.PageRequest{RoomRef: ref, After: &after, Limit: 200})
			})
		}},
		{"REST, before", func(t *testing.T) []protocol.Event {
			return backwards(t, func(before uint64) rig.Page {
				if before == 0 {
					return overREST("?limit=150")
				}
				return overREST(fmt.Sprintf("?limit=150&before=%d", before))
			})
		}},
		{"REST, after", func(t *testing.T) []protocol.Event {
			return forwards(t, func(after uint64) rig.Page {
				if after == 0 {
					return overREST("?limit=150&around=1")
				}
				return overREST(fmt.Sprintf("?limit=150&after=%d", after))
			})
		}},
		{"socket, around, in hops", func(t *testing.T) []protocol.Event {
			return hopping(t, head.Seq, func(around uint64) rig.Page {
				return socket.Page(protocol.PageRequest{RoomRef: ref, Around: &around, Limit: 100})
			})
		}},
		{"REST, around, in hops", func(t *testing.T) []protocol.Event {
			return hopping(t, head.Seq, func(around uint64) rig.Page {
				return overREST(fmt.Sprintf("?limit=100&around=%d", around))
			})
		}},
		{"resume from the beginning", func(t *testing.T) []protocol.Event {
			resumed := reader.Connect()
			defer resumed.Cut()
			resumed.JoinSince(room.ID, "0")
			return resumed.InRoom(room.ID)
		}},
	} {
		t.Run(way.name, func(t *testing.T) {
			events := way.read(t)
			if err := rig.Contiguous(events); err != nil {
				t.Error(err)
			}
			if events[0].Seq != 1 || events[0].Kind != "create" {
				t.Errorf("the first event is %d, a %s, want the creation", events[0].Seq, events[0].Kind)
			}
			if diff := cmp.Diff(want, places(events)); diff != "" {
				t.Errorf("(-acknowledged +read):\n%.2000s", diff)
			}
		})
	}

	t.Run("any page around", func(t *testing.T) {
		for range 30 {
			around := 1 + rand.Uint64N(head.Seq)
			page := socket.Page(protocol.PageRequest{RoomRef: ref, Around: &around, Limit: 20})
			if err := rig.Contiguous(page.Events); err != nil {
				t.Errorf("around %d: %v", around, err)
			}
			first, last := page.Events[0].Seq, page.Events[len(page.Events)-1].Seq
			if around < first || around > last {
				t.Errorf("around %d: got %d to %d", around, first, last)
			}
			if page.MoreBefore != (first > 1) || page.MoreAfter != (last < head.Seq) {
				t.Errorf("around %d: %d to %d of %d says more before %v, after %v", around, first, last, head.Seq, page.MoreBefore, page.MoreAfter)
			}
			if n := len(page.Messages()); n > 20 {
				t.Errorf("around %d: %d messages, want 20 at most", around, n)
			}
		}
	})
}

// writeMany joins and sends so many messages, as fast as the server lets one
// person, and returns the answers.
func writeMany(t *testing.T, who *rig.Person, room int64, n int) ([]protocol.SendAck, error) {
	socket, err := who.TryConnect(t)
	if err != nil {
		return nil, err
	}
	defer socket.Cut()
	if err := socket.TryAsk(new(protocol.JoinAck), protocol.JoinRoom, protocol.RoomRef{RoomID: room}); err != nil {
		return nil, err
	}
	acks := make([]protocol.SendAck, 0, n)
	for i := range n {
		ack, err := socket.SayAtLast(room, fmt.Sprintf("%s writes number %d", who.Name, i), rig.NewCID())
		if err != nil {
			return nil, err
		}
		acks = append(acks, ack)
	}
	return acks, nil
}

func places(events []protocol.Event) []place {
	var all []place
	for _, ev := range rig.Messages(events) {
		all = append(all, place{ev.ID, ev.Seq, ev.Cursor, ev.At})
	}
	return all
}

// backwards scrolls from the end to the beginning.
func backwards(t *testing.T, read func(before uint64) rig.Page) []protocol.Event {
	t.Helper()
	var events []protocol.Event
	for before := uint64(0); ; before = events[0].Seq {
		page := read(before)
		if len(page.Events) == 0 {
			t.Fatalf("before %d: an empty page", before)
		}
		events = append(page.Events, events...)
		if !page.MoreBefore {
			return events
		}
	}
}

// forwards scrolls from the beginning to the end.
func forwards(t *testing.T, read func(after uint64) rig.Page) []protocol.Event {
	t.Helper()
	var events []protocol.Event
	for after := uint64(0); ; after = events[len(events)-1].Seq {
		page := read(after)
		if len(page.Events) == 0 {
			t.Fatalf("after %d: an empty page", after)
		}
		events = append(events, page.Events...)
		if !page.MoreAfter {
			return events
		}
	}
}

// hopping reads pages around places so near to each other that they overlap,
// and lays them over each other.
func hopping(t *testing.T, head uint64, read func(around uint64) rig.Page) []protocol.Event {
	t.Helper()
	byseq := make(map[uint64]protocol.Event)
	for around := uint64(1); ; around = min(around+40, head) {
		for _, ev := range read(around).Events {
			if known, twice := byseq[ev.Seq]; twice && !cmp.Equal(known, ev) {
				t.Errorf("event %d differs between two pages: %s", ev.Seq, cmp.Diff(known, ev))
			}
			byseq[ev.Seq] = ev
		}
		if around == head {
			break
		}
	}
	events := make([]protocol.Event, 0, len(byseq))
	for _, ev := range byseq {
		events = append(events, ev)
	}
	slices.SortFunc(events, func(a, b protocol.Event) int { return int(a.Seq) - int(b.Seq) })
	return events
}
