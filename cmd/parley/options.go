package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/parleychat/parley/server"
)

// options are what can be chosen about a server, the same for every command
// that needs to know it. Their defaults are those of [server.Default].
type options struct {
	Config            string             `placeholder:"FILE" help:"YAML file with any of these settings."`
	Listen            string             `default:"${listen}" placeholder:"HOST:PORT" help:"Address of everything people use (default ${default}, or the port of $PORT)."`
	Data              string             `default:"${data}" placeholder:"DIR" help:"Directory of everything that is kept (default ${default})."`
	DB                server.DatabaseURL `name:"db" placeholder:"URL" help:"Database on MariaDB or MySQL, mysql://user:password@host:port/name (default: SQLite in the data directory). Better given by PARLEY_DB or the file than for all to see in the list of processes."`
	Kafka             []string           `placeholder:"HOST:PORT" help:"Brokers of Apache Kafka, which then holds the log (default: in the data directory)."`
	KafkaPartitions   int32              `default:"${kafkaPartitions}" placeholder:"N" help:"Partitions that the topic has or is made with (default ${default})."`
	KafkaTLS          bool               `name:"kafka-tls" help:"Connect to the brokers by TLS."`
	KafkaTLSCA        string             `name:"kafka-tls-ca" placeholder:"FILE" help:"Certificates of the authorities that brokers are signed by (default: the system's)."`
	KafkaTLSCert      string             `name:"kafka-tls-cert" placeholder:"FILE" help:"Certificate to show to brokers that ask for one."`
	KafkaTLSKey       string             `name:"kafka-tls-key" placeholder:"FILE" help:"Key of that certificate."`
	KafkaSASL         string             `name:"kafka-sasl" placeholder:"MECHANISM" help:"How to sign in to the brokers: SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN (default: not at all)."`
	KafkaSASLUser     string             `name:"kafka-sasl-user" placeholder:"NAME" help:"Who signs in."`
	KafkaSASLPassword server.Secret      `name:"kafka-sasl-password" placeholder:"TEXT" help:"Its password. Better given by PARLEY_KAFKA_SASL_PASSWORD or the file than for all to see in the list of processes."`
	Redis             server.RedisURL    `placeholder:"URL" help:"Redis over which several servers share who is online, redis://user:password@host:port, or rediss:// for TLS (default: each server knows its own people). Better given by PARLEY_REDIS or the file than for all to see in the list of processes."`
	NodeID            string             `name:"node-id" placeholder:"ID" help:"Name of this server in its logs (default: host name and a random part)."`
	Advertise         string             `placeholder:"URL" help:"Where the other servers of a cluster reach this one (default: the address that it listens on)."`
	TrustProxy        []network          `placeholder:"CIDR" help:"Networks of proxies whose X-Forwarded-For and -Proto are believed (default: none)."`
	ShowEmail         string             `default:"${showEmail}" placeholder:"WHO" help:"Who sees other people's e-mail addresses: members or nobody (default ${default})."`
	Registration      string             `default:"${registration}" placeholder:"WHO" help:"Who may make an account: open, invite or closed (default ${default})."`
	PublicURL         string             `name:"public-url" placeholder:"URL" help:"Where people reach the server, if it is another host name than requests carry."`
	AllowOrigin       []string           `placeholder:"ORIGIN" help:"Further origins whose pages may connect, such as https://app.example.org (default: none)."`
	AdminListen       string             `placeholder:"HOST:PORT" help:"Address of metrics for Prometheus and of profiles, for your tools alone (default: none)."`
	LogRetention      server.Retention   `default:"${logRetention}" placeholder:"TIME" help:"How long records stay in the log after they are stored: a time such as 30d, or forever (default ${default})."`
	AcceptNewEpoch    bool               `help:"Go on although the log is not the one that the store belongs to; what was only in the former log is lost."`
	LogFormat         string             `default:"auto" placeholder:"FORMAT" help:"text, json, or auto: text on a terminal, else json (default ${default})."`
}

// defaultTexts are the values that the tags above name.
func defaultTexts() map[string]string {
	d := server.Default()
	return map[string]string{
		"listen":          d.Listen,
		"data":            d.Data,
		"showEmail":       string(d.ShowEmail),
		"registration":    string(d.Registration),
		"logRetention":    d.LogRetention.String(),
		"kafkaPartitions": strconv.Itoa(int(d.Kafka.Partitions)),
	}
}

// Validate is called by kong.
func (o *options) Validate() error {
	switch o.LogFormat {
	case "auto", "text", "json":
		return nil
	}
	return fmt.Errorf("log-format %q: text, json or auto", o.LogFormat)
}

// server is the configuration of the server.
func (o *options) server() server.Config {
	proxies := make([]netip.Prefix, len(o.TrustProxy))
	for i, n := range o.TrustProxy {
		proxies[i] = n.Prefix
	}
	return server.Config{
		Listen: o.Listen,
		Data:   o.Data,
		DB:     o.DB,
		Kafka: server.Kafka{
			Brokers: o.Kafka, Partitions: o.KafkaPartitions,
			TLS: o.KafkaTLS, TLSCA: o.KafkaTLSCA, TLSCert: o.KafkaTLSCert, TLSKey: o.KafkaTLSKey,
			SASL: o.KafkaSASL, SASLUser: o.KafkaSASLUser, SASLPassword: o.KafkaSASLPassword,
		},
		Redis:          o.Redis,
		NodeID:         o.NodeID,
		Advertise:      o.Advertise,
		TrustProxy:     proxies,
		ShowEmail:      server.ShowEmail(o.ShowEmail),
		Registration:   server.Registration(o.Registration),
		PublicURL:      o.PublicURL,
		AllowOrigins:   o.AllowOrigin,
		AdminListen:    o.AdminListen,
		LogRetention:   o.LogRetention,
		AcceptNewEpoch: o.AcceptNewEpoch,
		Version:        version,
	}
}

// network is a CIDR, or one address.
type network struct{ netip.Prefix }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (n *network) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if addr, err := netip.ParseAddr(s); err == nil {
		n.Prefix = netip.PrefixFrom(addr, addr.BitLen())
		return nil
	}
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return fmt.Errorf("%q is no network: write an address or a CIDR such as 10.0.0.0/8", s)
	}
	n.Prefix = prefix.Masked()
	return nil
}
