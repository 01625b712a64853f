//go:build unix

package services

import (
	"sync"
	"testing"
)

var sharedKafka struct {
	once  sync.Once
	kafka *Kafka
	err   error
}

// SharedKafka is the one broker of this test process, started by whoever asks
// first; tests have to use topics and groups of their own. Without Java or
// Maven the test is skipped, or fails when nothing may be skipped.
func SharedKafka(t testing.TB) *Kafka {
	t.Helper()
	sharedKafka.once.Do(func() { sharedKafka.kafka, sharedKafka.err = StartKafka() })
	need(t, sharedKafka.err)
	return sharedKafka.kafka
}

// PrivateKafka is a cluster of this test alone, which may break it.
func PrivateKafka(t testing.TB, options ...KafkaOption) *Kafka {
	t.Helper()
	k, err := StartKafka(options...)
	need(t, err)
	t.Cleanup(func() {
		if err := k.Stop(); err != nil {
			t.Errorf("stop Kafka: %v", err)
		}
	})
	return k
}
