package main

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/pflag"

	"github.com/parleychat/parley/server"
)

// options are what can be chosen about a server, the same for every command
// that needs to know it. Their defaults are those of [server.Default].
type options struct {
	server.Config
	TrustProxy networks
	LogFormat  logFormat
}

// configFlag is --config, which readSources has read before everything else.
func configFlag(flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.String("config", "", "YAML `FILE` with any of the server's settings")
}

// register makes the flags, which are also the settings of file and environment.
func (o *options) register(flags *pflag.FlagSet) {
	o.Config, o.LogFormat = server.Default(), "auto"
	configFlag(flags)
	flags.StringVar(&o.Listen, "listen", o.Listen, "address of everything people use, `HOST:PORT`, or the port of $PORT")
	flags.StringVar(&o.Data, "data", o.Data, "directory of everything that is kept, `DIR`")
	flags.Var(text[server.DatabaseURL]{&o.DB}, "db", "database on MariaDB or MySQL, as the `URL` mysql://user:password@host:port/name (default: SQLite in the data directory); its password is better given by db-password-file or PARLEY_DB than for all to see in the list of processes")
	flags.StringVar(&o.DBPasswordFile, "db-password-file", "", "a `FILE` that holds the password of db and nothing else")
	flags.StringSliceVar(&o.Kafka.Brokers, "kafka", o.Kafka.Brokers, "brokers of Apache Kafka, which then holds the log, `HOST:PORT` (default: in the data directory)")
	flags.Int32Var(&o.Kafka.Partitions, "kafka-partitions", o.Kafka.Partitions, "the `NUMBER` of partitions that the topic has or is made with")
	flags.BoolVar(&o.Kafka.TLS, "kafka-tls", false, "connect to the brokers by TLS")
	flags.StringVar(&o.Kafka.TLSCA, "kafka-tls-ca", "", "a `FILE` with the certificates of the authorities that brokers are signed by (default: the system's)")
	flags.StringVar(&o.Kafka.TLSCert, "kafka-tls-cert", "", "a `FILE` with the certificate to show to brokers that ask for one")
	flags.StringVar(&o.Kafka.TLSKey, "kafka-tls-key", "", "a `FILE` with the key of that certificate")
	flags.StringVar(&o.Kafka.SASL, "kafka-sasl", "", "the `MECHANISM` to sign in to the brokers by: SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN (default: not at all)")
	flags.StringVar(&o.Kafka.SASLUser, "kafka-sasl-user", "", "the `NAME` that signs in")
	flags.Var(text[server.Secret]{&o.Kafka.SASLPassword}, "kafka-sasl-password", "its password, a `TEXT` better given by kafka-sasl-password-file or PARLEY_KAFKA_SASL_PASSWORD than for all to see in the list of processes")
	flags.StringVar(&o.Kafka.SASLPasswordFile, "kafka-sasl-password-file", "", "a `FILE` that holds the password and nothing else")
	flags.Var(text[server.RedisURL]{&o.Redis}, "redis", "Redis over which several servers share who is online, as the `URL` redis://user:password@host:port, or rediss:// for TLS (default: each server knows its own people); its password is better given by redis-password-file or PARLEY_REDIS than for all to see in the list of processes")
	flags.StringVar(&o.RedisPasswordFile, "redis-password-file", "", "a `FILE` that holds the password of redis and nothing else")
	flags.StringVar(&o.SecretFile, "secret-file", "", "a `FILE` with the key that signs tokens, 64 hexadecimal digits, the same for all servers of a cluster (default: made, and kept in the data directory or, in a cluster, in the database)")
	flags.StringVar(&o.NodeID, "node-id", "", "the `NAME` of this server in its logs and in a cluster, where no two may have the same (default: host name and a random part, kept in the data directory)")
	flags.StringVar(&o.Advertise, "advertise", "", "the `URL` by which the other servers of a cluster reach this one (default: the address that it listens on)")
	flags.Var(&o.TrustProxy, "trust-proxy", "networks of proxies whose X-Forwarded-For and -Proto are believed, `CIDR` (default: none)")
	flags.Var(text[server.ShowEmail]{&o.ShowEmail}, "show-email", "`WHO` sees other people's e-mail addresses: members or nobody")
	flags.Var(text[server.Registration]{&o.Registration}, "registration", "`WHO` may make an account: open, invite or closed")
	flags.StringVar(&o.PublicURL, "public-url", "", "the `URL` by which people reach the server, if it is another host name than requests carry")
	flags.StringSliceVar(&o.AllowOrigins, "allow-origin", nil, "further origins whose pages may connect, an `ORIGIN` such as https://app.example.org (default: none)")
	flags.StringVar(&o.AdminListen, "admin-listen", "", "address of metrics for Prometheus and of profiles, for your tools alone, `HOST:PORT` (default: none)")
	flags.TextVar(&o.LogRetention, "log-retention", o.LogRetention, "how long records stay in the log after they are stored, a `TIME` such as 30d, or forever")
	flags.BoolVar(&o.AcceptNewEpoch, "accept-new-epoch", false, "go on although the log is not the one that the store belongs to; what was only in the former log is lost")
	flags.Var(&o.LogFormat, "log-format", "the `FORMAT` of the log: text, json, or auto, which is text on a terminal and else json")
}

// server is the configuration of the server.
func (o *options) server() server.Config {
	cfg := o.Config
	cfg.TrustProxy, cfg.Version = o.TrustProxy, version
	return cfg
}

// text is the value of a flag that is a text with a type of its own.
type text[T ~string] struct{ to *T }

// Set implements [pflag.Value], as do String and Type.
func (t text[T]) Set(value string) error {
	*t.to = T(value)
	return nil
}

// String shows the value as its type wants it to be seen.
func (t text[T]) String() string { return fmt.Sprint(*t.to) }

// Type is what the help calls a value that its text does not name.
func (text[T]) Type() string { return "string" }

// logFormat is how lines of the log look.
type logFormat string

// Set implements [pflag.Value], as do String and Type.
func (f *logFormat) Set(value string) error {
	switch value {
	case "auto", "text", "json":
		*f = logFormat(value)
		return nil
	}
	return fmt.Errorf("%q is none of text, json and auto", value)
}

func (f *logFormat) String() string { return string(*f) }

// Type is what the help calls a value that its text does not name.
func (*logFormat) Type() string { return "string" }

// networks are CIDRs or addresses.
type networks []netip.Prefix

// Set implements [pflag.Value], as do String and Type. It adds to what there is.
func (n *networks) Set(value string) error {
	for part := range strings.SplitSeq(value, ",") {
		network, err := parseNetwork(strings.TrimSpace(part))
		if err != nil {
			return err
		}
		*n = append(*n, network)
	}
	return nil
}

func (n *networks) String() string {
	texts := make([]string, len(*n))
	for i, network := range *n {
		texts[i] = network.String()
	}
	return strings.Join(texts, ",")
}

// Type is what the help calls a value that its text does not name.
func (*networks) Type() string { return "strings" }

func parseNetwork(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is no network: write an address or a CIDR such as 10.0.0.0/8", s)
	}
	return prefix.Masked(), nil
}
