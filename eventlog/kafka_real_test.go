//go:build unix

package eventlog_test

import (
	"testing"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/eventlog/eventlogtest"
	"github.com/parleychat/parley/internal/services"
)

func TestKafka(t *testing.T) {
	cluster := services.SharedKafka(t)
	eventlogtest.Run(t, func(t *testing.T) eventlogtest.Reopen {
		options := eventlog.KafkaOptions{Brokers: cluster.Addrs(), Topic: newTopic(), Partitions: 3}
		return func() (eventlog.Log, error) { return eventlog.OpenKafka(t.Context(), options) }
	})
}
