//go:build unix

package eventlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleychat/parley/internal/services"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Members of a group that have a name, [KafkaOptions.Instance].

// shareNotes note who runs for which partitions.
type shareNotes struct {
	t       *testing.T
	mu      sync.Mutex
	owned   map[string][]int32
	ended   map[string]int // how many runs have ended
	changed chan struct{}
}

func newShareNotes(t *testing.T) *shareNotes {
	return &shareNotes{t: t, owned: make(map[string][]int32), ended: make(map[string]int), changed: make(chan struct{}, 1)}
}

func (s *shareNotes) change(fn func()) {
	s.mu.Lock()
	fn()
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// run is what who does for a partition: nothing, until it is taken away. It
// refuses some.
func (s *shareNotes) run(who string, refuses ...int32) func(context.Context, int32) error {
	return func(ctx context.Context, part int32) error {
		if slices.Contains(refuses, part) {
			return nil
		}
		s.change(func() { s.owned[who] = append(s.owned[who], part) })
		<-ctx.Done()
		s.change(func() {
			s.owned[who] = slices.DeleteFunc(s.owned[who], func(p int32) bool { return p == part })
			s.ended[who]++
		})
		return ctx.Err()
	}
}

// of is what somebody owns, and how many runs of theirs have ended.
func (s *shareNotes) of(who string) (owned []int32, ended int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(slices.Values(s.owned[who])), s.ended[who]
}

// until waits until as many partitions are owned as said.
func (s *shareNotes) until(want map[string]int) {
	s.t.Helper()
	deadline := time.After(time.Minute)
	for {
		s.mu.Lock()
		got := make(map[string]int)
		for who := range want {
			got[who] = len(s.owned[who])
		}
		s.mu.Unlock()
		if fmt.Sprint(got) == fmt.Sprint(want) {
			return
		}
		select {
		case <-s.changed:
		case <-deadline:
			s.t.Fatalf("partitions: got %v, want %v", got, want)
		}
	}
}

// openNamed opens a log whose process has a name, and owns partitions in the
// group "named". stop ends owning and returns when that has ended.
func (s *shareNotes) openNamed(options KafkaOptions, name string, run func(context.Context, int32) error) (log *Kafka, stop func()) {
	s.t.Helper()
	options.Instance = name
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	log, err := OpenKafka(s.t.Context(), options)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := log.Own(ctx, "named", run); !errors.Is(err, context.Canceled) && !errors.Is(err, ErrClosed) {
			s.t.Errorf("Own of %s: %v", name, err)
		}
	}()
	stop = func() { cancel(); <-ended }
	s.t.Cleanup(func() { stop(); log.Close() })
	return log, stop
}

// names are those of the group's members.
func (s *shareNotes) names(brokers []string) (names []string) {
	s.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	groups, err := kadm.NewClient(client).DescribeGroups(s.t.Context(), "named")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, member := range groups["named"].Members {
		if member.InstanceID != nil {
			names = append(names, *member.InstanceID)
		}
	}
	slices.Sort(names)
	return names
}

// TestKafkaNamedComesBack lets a process be dead whom the group still believes
// in, and start again: it has its former partitions back, and nobody else loses
// one. The former one, which was only paused, finds out and goes on without the
// name.
func TestKafkaNamedComesBack(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	var (
		paused atomic.Bool
		former atomic.Pointer[string] // id of the member that is paused
	)
	isFormer := func(member string) bool { id := former.Load(); return paused.Load() && id != nil && *id == member }
	cluster.ControlKey(int16(kmsg.Heartbeat), func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		heartbeat := request.(*kmsg.HeartbeatRequest)
		if heartbeat.InstanceID != nil && *heartbeat.InstanceID == "a" && former.Load() == nil {
			former.Store(&heartbeat.MemberID)
		}
		return nil, errors.New("paused"), isFormer(heartbeat.MemberID)
	})
	cluster.ControlKey(int16(kmsg.JoinGroup), func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		return nil, errors.New("paused"), isFormer(request.(*kmsg.JoinGroupRequest).MemberID)
	})
	log := new(lines)
	options := KafkaOptions{Brokers: cluster.ListenAddrs(), Topic: "named", Partitions: 4, Logger: slog.New(slog.NewTextHandler(log, nil))}
	s := newShareNotes(t)
	s.openNamed(options, "a", s.run("first a"))
	s.openNamed(options, "b", s.run("b"))
	s.until(map[string]int{"first a": 2, "b": 2})
	for former.Load() == nil { // it beats twice a second
		time.Sleep(10 * time.Millisecond)
	}
	had, _ := s.of("first a")
	_, before := s.of("b") // it gave some up if it was the first to join
	paused.Store(true)
	s.openNamed(options, "a", s.run("second a"))
	s.until(map[string]int{"second a": 2})
	if got, _ := s.of("second a"); !slices.Equal(got, had) {
		t.Errorf("partitions of who came back: got %v, want the former %v", got, had)
	}
	if _, ended := s.of("b"); ended != before {
		t.Errorf("b lost %d partitions for a moment, want none", ended-before)
	}
	paused.Store(false)
	continued := time.Now()
	for !strings.Contains(log.String(), "goes on without a name") {
		if time.Since(continued) > time.Minute {
			t.Fatalf("the former one has not said that its name was taken: %s", log)
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.until(map[string]int{"first a": 1})
}

// TestKafkaNamedIsExpelled lets a process say of another one that it is dead,
// which is heard of all the while: its partitions move at once, and it is given
// a share again when it asks.
func TestKafkaNamedIsExpelled(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	var kept atomic.Bool // a may not join
	cluster.ControlKey(int16(kmsg.JoinGroup), func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		join := request.(*kmsg.JoinGroupRequest)
		return nil, errors.New("kept away"), kept.Load() && join.InstanceID != nil && *join.InstanceID == "a"
	})
	options := KafkaOptions{Brokers: cluster.ListenAddrs(), Topic: "named", Partitions: 4}
	s := newShareNotes(t)
	_, leave := s.openNamed(options, "a", s.run("a"))
	b, _ := s.openNamed(options, "b", s.run("b"))
	s.until(map[string]int{"a": 2, "b": 2})

	kept.Store(true)
	if err := b.Expel(t.Context(), "named", "a"); err != nil {
		t.Fatal(err)
	}
	s.until(map[string]int{"a": 0, "b": 4})
	if err := b.Expel(t.Context(), "named", "a"); err != nil {
		t.Errorf("a second time: %v", err)
	}
	if err := b.Expel(t.Context(), "named", "nobody"); err != nil {
		t.Errorf("who was never there: %v", err)
	}
	kept.Store(false)
	s.until(map[string]int{"a": 2, "b": 2})

	// Whoever stops in good order is gone, name or not.
	leave()
	if got := s.names(options.Brokers); !slices.Equal(got, []string{"b"}) {
		t.Errorf("members: got %q, want b alone", got)
	}
}

// TestKafkaNamedIsUpgraded lets a process that refuses a partition be killed and
// start again, in a newer version that does not refuse it, while nobody else
// takes it: the broker gives it what it had and asks nobody, but the partition
// must not stay behind.
func TestKafkaNamedIsUpgraded(t *testing.T) {
	cluster := services.SharedKafka(t)
	options := KafkaOptions{Brokers: cluster.Addrs(), Topic: fmt.Sprintf("named-%d", time.Now().UnixNano()), Partitions: 3, Logger: slog.New(slog.DiscardHandler)}
	s := newShareNotes(t)
	s.openNamed(options, "b", s.run("b", 1))
	s.until(map[string]int{"b": 2})

	// A member that can be killed: closing it tells nobody.
	options.setDefaults()
	owner := newOwner(t.Context(), options.Partitions, s.run("old"))
	refusing := &balancer{refused: map[int32]bool{1: true}}
	old, err := options.connect(append(owning(options.Topic, "named", owner, refusing), kgo.InstanceID("a"))...)
	if err != nil {
		t.Fatal(err)
	}
	old.PauseFetchTopics(options.Topic)
	s.until(map[string]int{"old": 1, "b": 1})
	had, _ := s.of("old")
	owner.cancel()
	old.Close()
	owner.running.Wait()
	if got := s.names(options.Brokers); !slices.Equal(got, []string{"a", "b"}) {
		t.Fatalf("members: got %q, want the killed one too", got)
	}

	s.openNamed(options, "a", s.run("new"))
	s.until(map[string]int{"new": 2, "b": 1})
	if got, _ := s.of("new"); !slices.Contains(got, 1) || !slices.Contains(got, had[0]) {
		t.Errorf("partitions: got %v, want 1, which nobody had, and %v", got, had)
	}
}

// lines is a log that a test reads.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
