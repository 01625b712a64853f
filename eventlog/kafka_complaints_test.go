package eventlog_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/parleychat/parley/eventlog"
)

// lines is a log of what clients of Kafka say.
type lines struct {
	mu   sync.Mutex
	all  []slog.Record
	more chan struct{} // holds one token when something came
}

func newLines() *lines { return &lines{more: make(chan struct{}, 1)} }

func (l *lines) Enabled(context.Context, slog.Level) bool { return true }
func (l *lines) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *lines) WithGroup(string) slog.Handler            { return l }

func (l *lines) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.HasPrefix(r.Message, "kafka client: ") {
		l.all = append(l.all, r)
	}
	select {
	case l.more <- struct{}{}:
	default:
	}
	return nil
}

// told are the lines on a level or above it.
func (l *lines) told(level slog.Level) (told []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.all {
		if r.Level < level {
			continue
		}
		text := r.Message
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "times" || a.Key == "after" {
				text += " " + a.String()
			}
			return true
		})
		told = append(told, text)
	}
	return told
}

// TestComplaintsAreCounted: brokers are away for two and a half minutes, and
// come back.
func TestComplaintsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newLines()
		voice := eventlog.NewClientVoice(slog.New(log), "some")
		voice.Log(kgo.LogLevelError, "cannot connect")
		voice.Open()
		voice.Log(kgo.LogLevelError, "cannot connect")
		time.Sleep(time.Second / 2)
		for range 150 {
			for range 10 {
				voice.Log(kgo.LogLevelError, "cannot connect", "addr", "kafka:9092")
			}
			time.Sleep(time.Second)
		}
		time.Sleep(time.Minute)
		want := []string{
			"kafka client: cannot connect",
			"kafka client: goes on to complain times=601 after=1m0s",
			"kafka client: goes on to complain times=1201 after=2m0s",
			"kafka client: nothing more to complain of times=1501 after=2m45s",
		}
		if diff := cmp.Diff(want, log.told(slog.LevelInfo)); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		if n := len(log.told(slog.LevelDebug)); n != 1502+3 {
			t.Errorf("got %d lines with those for debugging, want all of them", n)
		}
		// Another time, and only once.
		voice.Log(kgo.LogLevelError, "cannot connect")
		time.Sleep(time.Minute)
		voice.Close()
		voice.Log(kgo.LogLevelError, "cannot connect")
		if got := log.told(slog.LevelInfo)[len(want):]; !slices.Equal(got, []string{"kafka client: cannot connect"}) {
			t.Errorf("of a single complaint is told %q", got)
		}
	})
}

// TestBrokersAwayIsToldOnce: the clients of a log whose brokers are gone say so
// dozens of times, and the log of the server has it once for each level.
func TestBrokersAwayIsToldOnce(t *testing.T) {
	cluster := fakeCluster(t)
	said := newLines()
	openFake(t, cluster, newTopic(), func(o *eventlog.KafkaOptions) { o.Logger = slog.New(said) })
	before := len(said.told(slog.LevelInfo))
	cluster.Close()
	enough := func() bool { return len(said.told(slog.LevelDebug)) >= 60 }
	for deadline := time.After(time.Minute); !enough(); {
		select {
		case <-said.more:
		case <-deadline:
			t.Fatalf("the clients said %q", said.told(slog.LevelDebug))
		}
	}
	// A machine that stands still for a quarter of a minute makes it two.
	if told := said.told(slog.LevelInfo)[before:]; len(told) == 0 || len(told) > 6 {
		t.Errorf("the log was told %q", told)
	}
}
