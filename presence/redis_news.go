package presence

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"github.com/parleychat/parley/chat"
)

// news is what a node tells the others on the channel.
type news struct {
	Node string `json:"node"`
	// From is the version that the sockets below change. 0: there is more to
	// know than this message says.
	From uint64 `json:"from,omitempty"`
	// To is the version that they lead to. 0: the node is gone.
	To uint64 `json:"to,omitempty"`
	// Sockets are the new numbers of those who have changed.
	Sockets map[chat.UserID]int `json:"sockets,omitempty"`
	// Choices are what those of them have chosen who have, as in the hash.
	Choices map[chat.UserID]choiceText `json:"choices,omitempty"`
}

// add takes somebody into the news.
func (n *news) add(user chat.UserID, has counted) {
	n.Sockets[user] = has.sockets
	if has.choice.Rev > 0 {
		n.Choices[user] = textOf(has.choice)
	}
}

// choiceText is a choice as it is written, "<status> <rev>".
type choiceText string

func textOf(c chat.StatusChoice) choiceText {
	return choiceText(fmt.Sprintf("%s %d", c.Status, c.Rev))
}

// choice reads it; what is none of ours is nobody's choice.
func (t choiceText) choice() chat.StatusChoice {
	status, rev, _ := strings.Cut(string(t), " ")
	n, err := strconv.ParseUint(rev, 10, 64)
	if err != nil || chat.CheckStatus(chat.Status(status)) != nil {
		return chat.StatusChoice{}
	}
	return chat.StatusChoice{Status: chat.Status(status), Rev: n}
}

func (n news) encode() string {
	text, err := json.Marshal(n)
	if err != nil {
		panic(err) // numbers and a name
	}
	return string(text)
}

// listenPause is how long to wait before subscribing again.
const listenPause = 200 * time.Millisecond

// listen hears the news of other nodes.
func (r *Redis) listen(ctx context.Context) {
	var said atomic.Bool
	hearing := rueidis.WithOnSubscriptionHook(ctx, func(rueidis.PubSubSubscription) {
		// What was told while nobody listened is lost.
		r.lookNow()
		said.Store(false)
	})
	news, hints := r.key("news"), r.key("hints")
	for ctx.Err() == nil {
		err := r.cfg.Client.Receive(hearing, r.cfg.Client.B().Subscribe().Channel(news, hints).Build(), func(m rueidis.PubSubMessage) {
			if m.Channel == hints {
				r.hearHint(m.Message)
			} else {
				r.hear(m.Message)
			}
		})
		if ctx.Err() == nil && said.CompareAndSwap(false, true) {
			r.logger.WarnContext(ctx, "presence is not told what other nodes see and asks every few seconds instead", slog.Any("error", err))
		}
		sleep(ctx, listenPause)
	}
}

// hear takes a piece of news. It is called on the connection's goroutine and
// waits for nothing.
func (r *Redis) hear(message string) {
	var told news
	if json.Unmarshal([]byte(message), &told) != nil || told.Node == r.node {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.others[told.Node]
	switch {
	case told.To == 0:
		r.know(told.Node, nil)
	case known != nil && told.To <= known.version:
		// It is late.
	case known != nil && told.From == known.version:
		r.change(known, told)
	default:
		// Something was missed.
		r.lookAt = time.Time{}
		r.hurry()
	}
}

// change takes a change of another node. r.mu is held.
func (r *Redis) change(known *node, told news) {
	known.version = told.To
	for user, n := range told.Sockets {
		has := counted{sockets: max(n, 0), choice: told.Choices[user].choice()}
		r.all.take(user, has.sockets-known.people[user].sockets, has.choice)
		if has.sockets > 0 {
			known.people[user] = has
		} else {
			delete(known.people, user)
		}
	}
}

// lookNow makes the next round look at the other nodes.
func (r *Redis) lookNow() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lookAt = time.Time{}
	r.hurry()
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
