package gateway

import (
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestBucketsArePerPersonAndOutliveTheSocket(t *testing.T) {
	l := newLimits()
	first, _ := l.enter(1)
	for i := range sendsBurst {
		if err := take(first.sends, start); err != nil {
			t.Fatalf("send %d of the burst: %v", i, err)
		}
	}
	l.leave(first, start)
	again, _ := l.enter(1)
	refusal := chat.AsError(take(again.sends, start))
	if refusal.Code != chat.RateLimited || refusal.RetryAfter != time.Second/sendsPerSecond {
		t.Errorf("send from a new socket: got %v after %v, want rate_limited after 100ms", refusal, refusal.RetryAfter)
	}
	other, _ := l.enter(2)
	if err := take(other.sends, start); err != nil {
		t.Errorf("somebody else's send: %v", err)
	}
	if err := take(again.sends, start.Add(refusal.RetryAfter)); err != nil {
		t.Errorf("send after retryAfter: %v", err)
	}
}

func TestSocketsPerPersonAreBounded(t *testing.T) {
	l := newLimits()
	for i := range maxSocketsPerPerson {
		if _, refusal := l.enter(1); refusal != nil {
			t.Fatalf("socket %d: %v", i+1, refusal)
		}
	}
	refused, refusal := l.enter(1)
	if refusal == nil {
		t.Fatalf("socket %d was let in", maxSocketsPerPerson+1)
	}
	l.leave(refused, start)
	l.leave(refused, start)
	if _, refusal := l.enter(1); refusal != nil {
		t.Errorf("after two left: %v", refusal)
	}
}

func TestIdleBucketsAreForgotten(t *testing.T) {
	l := newLimits()
	p, _ := l.enter(1)
	stays, _ := l.enter(2)
	l.leave(p, start)
	l.forget(start.Add(forgetAfter))
	if len(l.people) != 1 || l.people[2] != stays {
		t.Errorf("people: got %d entries, want only the one with a socket", len(l.people))
	}
}
