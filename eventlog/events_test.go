package eventlog_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parleychat/parley/eventlog"
	"github.com/twmb/franz-go/pkg/kfake"
)

func openEvents(t *testing.T, cluster *kfake.Cluster, topic string) *eventlog.Events {
	t.Helper()
	events, err := eventlog.OpenEvents(t.Context(), fakeOptions(cluster, topic, nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { events.Close() })
	return events
}

func publish(t *testing.T, events *eventlog.Events, value string) eventlog.Position {
	t.Helper()
	pos, err := events.Publish(within(t), eventlog.Record{Value: []byte(value)})
	if err != nil {
		t.Fatalf("publish %q: got %v, want no error", value, err)
	}
	return pos
}

// untilProven waits until everything published before the call is handled.
func untilProven(t *testing.T, events *eventlog.Events) {
	t.Helper()
	since := time.Now()
	for ctx := within(t); !events.Proven().After(since); {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("proven: got %v ago, want less", time.Since(events.Proven()))
		}
	}
}

// TestEvents lets two nodes tell each other things.
func TestEvents(t *testing.T) {
	cluster := fakeCluster(t)
	topic := newTopic()
	first, second := openEvents(t, cluster, topic), openEvents(t, cluster, topic)
	publish(t, first, "before")
	from, err := second.Now(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if !second.Proven().IsZero() {
		t.Error("proven before any beat")
	}
	ctx, cancel := context.WithCancel(t.Context())
	var got []string
	ended := make(chan error, 1)
	go func() {
		ended <- second.Subscribe(ctx, from, func(entry eventlog.Entry) error {
			got = append(got, string(entry.Value))
			return nil
		})
	}()
	var want []string
	for i := range 50 {
		want = append(want, strconv.Itoa(i))
		publish(t, first, want[i])
	}
	publish(t, second, "mine")
	want = append(want, "mine")
	untilProven(t, second)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Subscribe: got %v, want %v", err, context.Canceled)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if got := cluster.TopicInfo(topic).Configs["retention.ms"]; got == nil || *got != "3600000" {
		t.Errorf("retention.ms: got %v, want an hour", got)
	}
}

// TestEventsProof makes sure that nothing is taken for proven whose events are
// still being handled, or of which the brokers have not heard.
func TestEventsProof(t *testing.T) {
	cluster := fakeCluster(t)
	topic := newTopic()
	events := openEvents(t, cluster, topic)
	handling, proceed := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		ended <- events.Subscribe(ctx, 0, func(eventlog.Entry) error {
			handling <- struct{}{}
			<-proceed
			return nil
		})
	}()
	untilProven(t, events)

	slow := publish(t, events, "slow")
	published := time.Now() // a beat that was begun earlier may lie before it
	<-handling
	beats, err := events.Now(within(t))
	for err == nil && beats < slow.Offset+3 { // beats lie behind it
		time.Sleep(50 * time.Millisecond)
		beats, err = events.Now(within(t))
	}
	if err != nil {
		t.Fatal(err)
	}
	if events.Proven().After(published) {
		t.Error("proven beyond an event that is being handled")
	}
	proceed <- struct{}{}
	untilProven(t, events)

	stalled := stall(cluster, topic)
	untilStalled := time.Now()
	if err := stalled.Wait(within(t), 2); err != nil { // a beat, and once more
		t.Fatal(err)
	}
	if proven := events.Proven(); proven.After(untilStalled) {
		t.Errorf("proven %v after the brokers stopped to take beats", proven.Sub(untilStalled))
	}
	stalled.Remove()
	untilProven(t, events)
	cancel()
	<-ended
}

// TestEventsForgotten subscribes from where nothing is kept any more.
func TestEventsForgotten(t *testing.T) {
	cluster := fakeCluster(t)
	topic := newTopic()
	events := openEvents(t, cluster, topic)
	for range 5 {
		publish(t, events, "old")
	}
	if err := cluster.DeleteRecords(topic, 0, 5); err != nil {
		t.Fatal(err)
	}
	err := events.Subscribe(within(t), 2, func(eventlog.Entry) error { return errors.New("an event that is forgotten") })
	if !errors.Is(err, eventlog.ErrTruncated) {
		t.Errorf("Subscribe from what is forgotten: got %v, want %v", err, eventlog.ErrTruncated)
	}
}
