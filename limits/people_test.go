package limits

import (
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestOneBucketForSocketsAndCalls(t *testing.T) {
	people := NewPeople()
	socket, _ := people.Enter(1)
	for i := range SendsBurst {
		person := socket
		if i%2 == 0 {
			person = people.Of(1, start)
		}
		if err := person.Sends.Take(start); err != nil {
			t.Fatalf("send %d of the burst: %v", i, err)
		}
	}
	people.Leave(socket, start)
	again, _ := people.Enter(1)
	refusal := chat.AsError(again.Sends.Take(start))
	if refusal.Code != chat.RateLimited || refusal.RetryAfter != time.Second/SendsPerSecond {
		t.Errorf("send from a new socket: got %v after %v, want rate_limited after 100ms", refusal, refusal.RetryAfter)
	}
	if err := people.Of(1, start).Sends.Take(start); err == nil {
		t.Error("send by a call: was let through")
	}
	if err := people.Of(1, start).Reads.Take(start); err != nil {
		t.Errorf("read: %v", err)
	}
	if err := people.Of(2, start).Sends.Take(start); err != nil {
		t.Errorf("somebody else's send: %v", err)
	}
	if err := again.Sends.Take(start.Add(refusal.RetryAfter)); err != nil {
		t.Errorf("send after retryAfter: %v", err)
	}
	if got := people.Refused(); got["sends"] != 2 || got["reads"] != 0 || got["joins"] != 0 {
		t.Errorf("refused: got %v, want 2 sends", got)
	}
}

func TestSocketsAreCounted(t *testing.T) {
	people := NewPeople()
	first, _ := people.Enter(1)
	if _, sockets := people.Enter(1); sockets != 2 {
		t.Errorf("got %d sockets, want 2", sockets)
	}
	people.Leave(first, start)
	if _, sockets := people.Enter(1); sockets != 2 {
		t.Errorf("after one left and one came: got %d sockets, want 2", sockets)
	}
}

func TestFullBucketsAreForgotten(t *testing.T) {
	people := NewPeople()
	left, _ := people.Enter(1)
	stays, _ := people.Enter(2)
	people.Leave(left, start)
	calls := people.Of(3, start)
	if people.Of(1, start.Add(fullAfter/2)) != left {
		t.Error("a bucket was forgotten before it was full")
	}
	later := start.Add(2 * fullAfter)
	if people.Of(3, later) == calls {
		t.Error("who did nothing for so long is remembered")
	}
	if again, _ := people.Enter(2); again != stays {
		t.Error("who has a socket was forgotten")
	}
	if len(people.people) != 2 {
		t.Errorf("%d people are remembered, want 2", len(people.people))
	}
}

func TestPeopleAreBounded(t *testing.T) {
	people := NewPeople()
	holds, _ := people.Enter(1)
	for id := range chat.UserID(maxPeople + 10) {
		people.Of(id+2, start)
	}
	if len(people.people) > maxPeople {
		t.Errorf("%d people are remembered, want at most %d", len(people.people), maxPeople)
	}
	if again, _ := people.Enter(1); again != holds {
		t.Error("who has a socket was forgotten")
	}
}
