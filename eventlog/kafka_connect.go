package eventlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// How a client waits for brokers. No bound ends a record: they only decide how
// soon the client turns to another broker.
const (
	dialTimeout    = 3 * time.Second
	requestTimeout = 5 * time.Second
	retryAtFirst   = 50 * time.Millisecond
	retryAtMost    = time.Second
)

// KafkaSASL says who we are to the brokers.
type KafkaSASL struct {
	// Mechanism is SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN.
	Mechanism string
	User      string
	Password  string
}

// String leaves the password out.
func (s KafkaSASL) String() string { return s.Mechanism + " " + s.User }

// GoString leaves the password out.
func (s KafkaSASL) GoString() string { return "KafkaSASL{" + s.String() + "}" }

// LogValue leaves the password out.
func (s KafkaSASL) LogValue() slog.Value { return slog.StringValue(s.String()) }

// SASLMechanisms are the names that [KafkaSASL.Mechanism] may have.
var SASLMechanisms = []string{"SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"}

func (s *KafkaSASL) mechanism() (sasl.Mechanism, error) {
	auth := scram.Auth{User: s.User, Pass: s.Password}
	switch s.Mechanism {
	case "SCRAM-SHA-512":
		return auth.AsSha512Mechanism(), nil
	case "SCRAM-SHA-256":
		return auth.AsSha256Mechanism(), nil
	case "PLAIN":
		return plain.Auth{User: s.User, Pass: s.Password}.AsMechanism(), nil
	}
	return nil, fmt.Errorf("unknown SASL mechanism %q: choose one of %v", s.Mechanism, SASLMechanisms)
}

// connect makes a client. It reaches nobody yet.
func (o *KafkaOptions) connect(more ...kgo.Opt) (*kgo.Client, error) {
	opts := []kgo.Opt{
		kgo.SeedBrokers(o.Brokers...),
		kgo.ClientID(o.ClientID),
		kgo.WithLogger(o.voice),
		kgo.DialTimeout(dialTimeout),
		kgo.RequestTimeoutOverhead(requestTimeout),
		kgo.RetryBackoffFn(retryAfter),
		kgo.MetadataMinAge(100 * time.Millisecond),
		// Whether the topic is gone is for [Kafka.watch] to say. A client that
		// forgets it would take the next one of that name for the same.
		kgo.ConsiderMissingTopicDeletedAfter(math.MaxInt64),
		kgo.DisableClientMetrics(),
	}
	if o.TLS != nil {
		opts = append(opts, kgo.DialTLSConfig(o.TLS))
	}
	if o.SASL != nil {
		mechanism, err := o.SASL.mechanism()
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.SASL(mechanism))
	}
	return kgo.NewClient(append(opts, more...)...)
}

// retryAfter is how long a client waits after so many failures.
func retryAfter(failures int) time.Duration {
	return min(retryAtFirst<<min(max(failures-1, 0), 10), retryAtMost)
}

// isAway says whether an error of a client may pass by itself. What a wrong
// setting causes does not.
func isAway(err error) bool {
	var network *net.OpError
	switch {
	case errors.Is(err, ErrUnfit), errors.Is(err, ErrForeign), errors.Is(err, ErrEpochChanged):
		return false
	case isBrokerError(err):
		return kerr.IsRetriable(brokerError(err))
	case errors.Is(err, context.DeadlineExceeded):
		return true
	case errors.Is(err, io.EOF):
		// What stands in front of a broker that is away takes the connection and
		// closes it. A broker that wants TLS does so too; the error says so, and
		// is told while it is waited for.
		return true
	}
	return errors.As(err, &network) && network.Op != "remote error" // an alert of TLS
}

// producing is what a client needs to write records. Nothing bounds how often
// or how long it tries.
func producing(o *KafkaOptions) []kgo.Opt {
	return []kgo.Opt{
		kgo.DefaultProduceTopicAlways(),
		kgo.DefaultProduceTopic(o.Topic),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(0),
		kgo.ProducerBatchMaxBytes(batchBytes),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProduceRequestTimeout(requestTimeout),
		kgo.UnknownTopicRetries(-1),
		kgo.StopProducerOnDataLossDetected(),
		// What waits is bounded in [appends]: the client would let the caller
		// wait, or call its promise from within.
		kgo.MaxBufferedRecords(math.MaxInt),
	}
}

// reading is what a client needs to read the topic's partitions from starts on.
func reading(topic string, starts map[int32]kgo.Offset) []kgo.Opt {
	return []kgo.Opt{
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: starts}),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.FetchMaxWait(requestTimeout),
		kgo.FetchMinBytes(1),
		kgo.FetchMaxBytes(8 << 20),
		kgo.FetchMaxPartitionBytes(fetchBytes),
		// They lie at offsets like any other record.
		kgo.KeepControlRecords(),
	}
}
