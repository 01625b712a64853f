package eventlog_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/eventlog/eventlogtest"
	"github.com/twmb/franz-go/pkg/kfake"
)

// fakeCluster starts a cluster of three brokers within the process. It knows
// the protocol and keeps records in memory; it has no copies to lose.
func fakeCluster(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(3)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

var topics atomic.Int64

// newTopic is a name that no other test has.
func newTopic() string { return fmt.Sprintf("topic-%d", topics.Add(1)) }

func TestKafkaFake(t *testing.T) {
	cluster := fakeCluster(t)
	for name, options := range map[string]eventlog.KafkaOptions{
		"OnePartition":    {Partitions: 1},
		"ThreePartitions": {Partitions: 3},
	} {
		t.Run(name, func(t *testing.T) {
			eventlogtest.Run(t, func(t *testing.T) eventlogtest.Reopen {
				options := options
				options.Brokers = cluster.ListenAddrs()
				options.Topic = newTopic()
				return func() (eventlog.Log, error) { return eventlog.OpenKafka(t.Context(), options) }
			})
		})
	}
}
