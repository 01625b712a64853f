package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/parleychat/parley/eventlog"
)

// Kafka says how a cluster of Apache Kafka is reached that holds the log.
type Kafka struct {
	// Brokers are addresses, host:port, through which the cluster is found.
	// Empty: the log lies in the data directory.
	Brokers []string
	// Partitions is what the topic gets when it is made, and has to have.
	Partitions int32
	// TLS encrypts the connections; a file below does as well.
	TLS bool
	// TLSCA is a file with certificates of authorities, instead of those of the
	// system.
	TLSCA string
	// TLSCert and TLSKey are files with a certificate and its key, for brokers
	// that ask for one.
	TLSCert, TLSKey string
	// SASL is the mechanism by which we say who we are, one of
	// [eventlog.SASLMechanisms]. Empty: we do not.
	SASL         string
	SASLUser     string
	SASLPassword Secret
	// SASLPasswordFile holds the password instead.
	SASLPasswordFile string
}

func (c *Config) checkKafka() error {
	k := &c.Kafka
	if len(k.Brokers) == 0 {
		return k.checkUnused()
	}
	var errs []error
	for _, broker := range k.Brokers {
		if host, port, err := net.SplitHostPort(broker); err != nil || host == "" || port == "" {
			errs = append(errs, fmt.Errorf("kafka %q: write host:port, several of them with commas between, such as kafka1:9092,kafka2:9092", broker))
		}
	}
	if c.DB == "" {
		errs = append(errs, errors.New("kafka: nodes that share a log have to share the database too, and SQLite belongs to one machine: say --db mysql://… as well"))
	}
	if k.Partitions < 1 || k.Partitions > maxPartitions {
		errs = append(errs, fmt.Errorf("kafka-partitions %d: a number from 1 to %d", k.Partitions, maxPartitions))
	}
	if (k.TLSCert == "") != (k.TLSKey == "") {
		errs = append(errs, errors.New("kafka-tls-cert and kafka-tls-key: give both files or none"))
	}
	switch {
	case k.SASL == "" && (k.SASLUser != "" || k.hasPassword()):
		errs = append(errs, fmt.Errorf("kafka-sasl: say how to sign in, one of %s", strings.Join(eventlog.SASLMechanisms, ", ")))
	case k.SASL != "" && !slices.Contains(eventlog.SASLMechanisms, k.SASL):
		errs = append(errs, fmt.Errorf("kafka-sasl %q: one of %s", k.SASL, strings.Join(eventlog.SASLMechanisms, ", ")))
	case k.SASL != "" && (k.SASLUser == "" || !k.hasPassword()):
		errs = append(errs, errors.New("kafka-sasl: give kafka-sasl-user and kafka-sasl-password, or kafka-sasl-password-file, too"))
	}
	return errors.Join(errs...)
}

// maxPartitions is far more than one cluster of nodes can follow.
const maxPartitions = 4096

// checkUnused refuses settings that have no effect without brokers: whoever
// wrote them believes that the log is on Kafka.
func (k *Kafka) checkUnused() error {
	if k.TLS || k.TLSCA != "" || k.TLSCert != "" || k.TLSKey != "" || k.SASL != "" || k.SASLUser != "" || k.hasPassword() {
		return errors.New("kafka-tls and kafka-sasl say how to reach brokers: name those with --kafka host:port")
	}
	return nil
}

func (k *Kafka) hasPassword() bool { return k.SASLPassword != "" || k.SASLPasswordFile != "" }

// options are what the log needs to know.
func (k *Kafka) options(nodeID string, logger *slog.Logger) (eventlog.KafkaOptions, error) {
	options := eventlog.KafkaOptions{
		Brokers:    k.Brokers,
		ClientID:   "parley-" + nodeID,
		Instance:   nodeID,
		Partitions: k.Partitions,
		Ours:       ourRecord,
		Logger:     logger,
	}
	if k.SASL != "" {
		options.SASL = &eventlog.KafkaSASL{Mechanism: k.SASL, User: k.SASLUser, Password: string(k.SASLPassword)}
	}
	var err error
	options.TLS, err = k.tls()
	return options, err
}

// tls is nil when the connections are not encrypted.
func (k *Kafka) tls() (*tls.Config, error) {
	if !k.TLS && k.TLSCA == "" && k.TLSCert == "" {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if k.TLSCA != "" {
		certificates, err := os.ReadFile(k.TLSCA)
		if err != nil {
			return nil, fmt.Errorf("kafka-tls-ca: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(certificates) {
			return nil, fmt.Errorf("kafka-tls-ca: %s holds no certificate in PEM", k.TLSCA)
		}
	}
	if k.TLSCert != "" {
		certificate, err := tls.LoadX509KeyPair(k.TLSCert, k.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("kafka-tls-cert and kafka-tls-key: %w", err)
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return config, nil
}

// ourRecord says whether a record has the headers that all of ours have, in
// whatever version; docs/log-format.md promises them.
func ourRecord(entry eventlog.Entry) bool {
	missing := []string{"v", "kind", "room"}
	for _, h := range entry.Headers {
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == h.Key })
	}
	return len(missing) == 0
}
