package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
)

// control is the stream on which the nodes of a cluster tell each other at once
// who has lost their rights. The store knows it too, and is asked once a second:
// either is enough to be fresh.
//
// A record has the headers v, 1, and kind; of the kind change the value is
// {"sessions": ids of those that ended, "userId": who is to be looked up anew}.
// What is of another version or kind is passed over.
type control struct {
	open    func(context.Context) (*eventlog.Events, error)
	changed func(context.Context, auth.Change) // is called with what others tell
	catchUp func(context.Context) error        // asks the store
	logger  *slog.Logger

	from int64 // where the subscription begins

	mu     sync.Mutex
	events *eventlog.Events
}

// told is the value of a record.
type told struct {
	Sessions []string    `json:"sessions,omitempty"`
	UserID   chat.UserID `json:"userId,omitempty"`
}

const (
	controlVersion = "1"
	controlChange  = "change"
	// announceTime is how long a change may take to be told. It is told in any
	// case, see [eventlog.Log].
	announceTime = 5 * time.Second
	// sessionsAtOnce is how many sessions fit well into a record.
	sessionsAtOnce = 1000
)

// openControl opens the stream. What is published from then on is heard by run.
func openControl(ctx context.Context, open func(context.Context) (*eventlog.Events, error), logger *slog.Logger) (*control, error) {
	c := &control{open: open, logger: logger}
	return c, c.reopen(ctx)
}

func (c *control) reopen(ctx context.Context) error {
	events, err := c.open(ctx)
	if err != nil {
		return fmt.Errorf("open the control stream: %w", err)
	}
	from, err := events.Now(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("end of the control stream: %w", err), events.Close())
	}
	c.mu.Lock()
	former := c.events
	c.events, c.from = events, from
	c.mu.Unlock()
	if former != nil {
		// Whatever it says, it has ended already.
		_ = former.Close()
	}
	return nil
}

func (c *control) stream() *eventlog.Events {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.events
}

// announce returns when the change is certain to reach every node.
func (c *control) announce(ctx context.Context, change auth.Change) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), announceTime)
	defer cancel()
	messages := []told{{UserID: change.User}}
	for i, sessions := range slices.Collect(slices.Chunk(change.Ended, sessionsAtOnce)) {
		if i > 0 {
			messages = append(messages, told{})
		}
		messages[i].Sessions = sessions
	}
	for _, message := range messages {
		value, err := json.Marshal(message)
		if err != nil {
			return err
		}
		rec := eventlog.Record{
			Headers: []eventlog.Header{{Key: "v", Value: []byte(controlVersion)}, {Key: "kind", Value: []byte(controlChange)}},
			Value:   value,
		}
		if _, err := c.stream().Publish(ctx, rec); err != nil {
			return fmt.Errorf("tell the other nodes: %w", err)
		}
	}
	return nil
}

// proven is when the stream has last shown that everything is heard.
func (c *control) proven() time.Time {
	if c == nil {
		return time.Time{}
	}
	return c.stream().Proven()
}

// run hears what the others tell until ctx ends. It returns nil. A stream that
// has forgotten what was not heard yet, or was replaced, is begun anew at its
// end; the store says what was missed.
func (c *control) run(ctx context.Context) error {
	for {
		err := c.stream().Subscribe(ctx, c.from, func(entry eventlog.Entry) error {
			c.hear(ctx, &entry)
			return nil
		})
		if ctx.Err() != nil {
			return nil
		}
		c.logger.WarnContext(ctx, "the control stream is begun anew", slog.Any("error", err))
		for c.reopen(ctx) != nil {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return nil
			}
		}
		if err := c.catchUp(ctx); err != nil {
			c.logger.WarnContext(ctx, "what the control stream has said meanwhile is asked for again", slog.Any("error", err))
		}
	}
}

func (c *control) hear(ctx context.Context, entry *eventlog.Entry) {
	headers := make(map[string]string)
	for _, h := range entry.Headers {
		headers[h.Key] = string(h.Value)
	}
	if headers["v"] != controlVersion || headers["kind"] != controlChange {
		return // of a newer version, or of somebody else
	}
	var message told
	if err := json.Unmarshal(entry.Value, &message); err != nil {
		c.logger.ErrorContext(ctx, "a record of the control stream cannot be read", slog.Int64("offset", entry.Offset), slog.Any("error", err))
		return
	}
	c.changed(ctx, auth.Change{Ended: message.Sessions, User: message.UserID})
}

func (c *control) close() error {
	if c == nil {
		return nil
	}
	return c.stream().Close()
}
