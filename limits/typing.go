package limits

import (
	"sync"
	"time"

	"github.com/parleychat/parley/chat"
)

// TypingPause is how long somebody who said that they write in a room has to
// wait before saying so again.
const TypingPause = time.Second

// typingKept is how long others show somebody as writing: later there is nothing
// to stop.
const typingKept = 6 * time.Second

// Typing is in which rooms a person has said of late that they write.
type Typing struct {
	mu    sync.Mutex
	begun map[chat.RoomID]typed
}

type typed struct {
	at      time.Time
	stopped bool
}

// Begin takes note that the person writes in a room, or refuses as
// [chat.RateLimited].
func (t *Typing) Begin(room chat.RoomID, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, typed := range t.begun {
		if now.Sub(typed.at) >= typingKept {
			delete(t.begun, id)
		}
	}
	if last, again := t.begun[room]; again && now.Sub(last.at) < TypingPause {
		refusal := chat.Errorf(chat.RateLimited, "Say that you write once a second at most.")
		refusal.RetryAfter = TypingPause - now.Sub(last.at)
		return refusal
	}
	if t.begun == nil {
		t.begun = make(map[chat.RoomID]typed)
	}
	t.begun[room] = typed{at: now}
	return nil
}

// Stop takes note that the person does not write in a room any more. It reports
// false when others do not believe so anyway.
func (t *Typing) Stop(room chat.RoomID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, begun := t.begun[room]
	if !begun || last.stopped {
		return false
	}
	t.begun[room] = typed{at: last.at, stopped: true}
	return true
}
