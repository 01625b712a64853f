package eventlog

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// complaintsOver is how long a client says nothing when it is over.
	complaintsOver = 15 * time.Second
	// complaintsEvery is how often it is told that they go on.
	complaintsEvery = time.Minute
)

// clientVoice passes on what the clients of one topic say, one level lower: what
// they have to get over by themselves is no news. While brokers are away they
// say the same again and again, each in its own words for every connection and
// request: that is told once when it begins, once a minute with how often it was
// said, and once when it is over. With the level debug everything is passed on,
// and before the log is open and behind its end nothing else: whoever opens it is
// told why that fails.
type clientVoice struct {
	to     *slog.Logger
	errors complaints
	warns  complaints
}

func newClientVoice(to *slog.Logger, topic string) *clientVoice {
	to = to.With(slog.String("topic", topic))
	return &clientVoice{
		to:     to,
		errors: complaints{to: to, level: slog.LevelWarn},
		warns:  complaints{to: to, level: slog.LevelInfo},
	}
}

var _ kgo.Logger = (*clientVoice)(nil)

// Level implements [kgo.Logger].
func (v *clientVoice) Level() kgo.LogLevel {
	switch {
	case v.to.Enabled(context.Background(), slog.LevelDebug):
		return kgo.LogLevelInfo
	case v.to.Enabled(context.Background(), slog.LevelInfo):
		return kgo.LogLevelWarn
	}
	return kgo.LogLevelError
}

// Log implements [kgo.Logger].
func (v *clientVoice) Log(level kgo.LogLevel, message string, keyvals ...any) {
	first := false
	switch level {
	case kgo.LogLevelError:
		first = v.errors.say(message, keyvals)
	case kgo.LogLevelWarn:
		first = v.warns.say(message, keyvals)
	}
	if !first {
		v.to.Debug("kafka client: "+message, keyvals...)
	}
}

func (v *clientVoice) open() {
	v.errors.open()
	v.warns.open()
}

func (v *clientVoice) close() {
	v.errors.close()
	v.warns.close()
}

// complaints is what clients say on one level, from the first of it until it is
// over.
type complaints struct {
	to    *slog.Logger
	level slog.Level

	mu      sync.Mutex
	telling bool      // the log is open
	since   time.Time // when it began; zero: there is nothing
	last    time.Time
	told    time.Time // when it was told of last
	times   int
	look    *time.Timer // while there is something
}

// say tells a complaint if it is the first, and counts it otherwise. It reports
// whether it was told.
func (c *complaints) say(message string, keyvals []any) (told bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.telling {
		return false
	}
	now := time.Now()
	c.last = now
	c.times++
	if !c.since.IsZero() {
		return false
	}
	c.since, c.told = now, now
	c.look = time.AfterFunc(complaintsOver, c.lookAgain)
	c.to.Log(context.Background(), c.level, "kafka client: "+message, keyvals...)
	return true
}

// lookAgain tells that it goes on, or that it is over.
func (c *complaints) lookAgain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.telling {
		return
	}
	now := time.Now()
	counted := []any{slog.Int("times", c.times), slog.Duration("after", now.Sub(c.since))}
	switch {
	case now.Sub(c.last) >= complaintsOver:
		if c.times > 1 {
			c.to.Log(context.Background(), c.level, "kafka client: nothing more to complain of", counted...)
		}
		c.since, c.times = time.Time{}, 0
		return
	case now.Sub(c.told) >= complaintsEvery:
		c.told = now
		c.to.Log(context.Background(), c.level, "kafka client: goes on to complain", counted...)
	}
	c.look.Reset(complaintsOver)
}

func (c *complaints) open() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.telling = true
}

func (c *complaints) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.telling = false
	if c.look != nil {
		c.look.Stop()
	}
}
