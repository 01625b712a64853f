package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/store"
)

// Config is everything that can be chosen about a server. [Default] runs as it
// is.
type Config struct {
	// Listen is the address of everything people use. Port 0 picks a free one;
	// see [Server.Addr].
	Listen string
	// Data is the directory of everything that is kept. It is made with mode
	// 0700.
	Data string
	// DB is the address of a database on MariaDB or MySQL,
	// mysql://user:password@host:port/name. Empty: SQLite, in Data.
	DB DatabaseURL
	// DBPasswordFile, RedisPasswordFile and Kafka.SASLPasswordFile are files that
	// hold a password and nothing else, instead of writing it into the setting.
	DBPasswordFile string
	// Kafka holds the log. Without brokers it lies in Data.
	Kafka Kafka
	// Redis shares among servers who is online: redis://user:password@host:port.
	// Empty: each knows its own people.
	Redis             RedisURL
	RedisPasswordFile string // see DBPasswordFile
	// SecretFile holds the key that signs access tokens, 64 hexadecimal digits,
	// the same for all servers of a cluster. Empty: it is made, and kept in Data
	// or, in a cluster, in the database.
	SecretFile string
	// NodeID tells nodes apart, in logs and in Kafka: no two may have the same,
	// and one keeps it when it starts again. Empty: made of the host's name and
	// something random, and kept in Data.
	NodeID string
	// Advertise is the base URL at which other servers of the same cluster
	// reach this one. Empty: by the address that it listens on.
	Advertise string
	// TrustProxy are the networks of proxies whose X-Forwarded-For and
	// X-Forwarded-Proto are believed.
	TrustProxy []netip.Prefix
	ShowEmail  ShowEmail
	// Registration says who may make an account.
	Registration Registration
	// PublicURL is where people reach the server. Its origin may connect from
	// a browser even if requests arrive here under another host name.
	PublicURL string
	// AllowOrigins are further origins whose pages may connect from a browser:
	// scheme://host[:port].
	AllowOrigins []string
	// AdminListen is the address of metrics and profiles, for the operator's
	// tools alone. Empty: nowhere.
	AdminListen string
	// LogRetention is how long records stay in the log after they are stored.
	LogRetention Retention
	// AcceptNewEpoch goes on with a log that is not the one that the store
	// belongs to: what was only in the former log is lost.
	AcceptNewEpoch bool

	Version string
	Logger  *slog.Logger // nil: slog.Default
}

// ShowEmail says who sees the e-mail addresses of others.
type ShowEmail string

const (
	ShowEmailToMembers ShowEmail = "members" // as in Turbo-Chat
	ShowEmailToNobody  ShowEmail = "nobody"  // Turbo-Chat's clients see handles
)

// Registration says who may make an account.
type Registration string

const (
	RegistrationOpen   Registration = "open"
	RegistrationInvite Registration = "invite" // with an invite that an owner or admin made
	RegistrationClosed Registration = "closed"
)

// DatabaseURL is an address that may have a password in it. Printed, it has ***
// there.
type DatabaseURL string

// String is the address for people to see.
func (u DatabaseURL) String() string { return store.RedactURL(string(u)) }

// MarshalText implements [encoding.TextMarshaler], for logs and listings.
func (u DatabaseURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// Default is a complete server on this machine.
func Default() Config {
	return Config{
		Listen:       "127.0.0.1:3000",
		Data:         "./parley-data",
		ShowEmail:    ShowEmailToMembers,
		Registration: RegistrationOpen,
		LogRetention: DefaultRetention,
		Kafka:        Kafka{Partitions: eventlog.KafkaPartitions},
	}
}

// Validate says everything that is wrong with the configuration, with what to
// write instead.
func (c *Config) Validate() error {
	return errors.Join(
		c.checkListen(),
		c.checkAdminListen(),
		c.checkData(),
		c.checkDB(),
		c.checkKafka(),
		c.checkRedis(),
		c.checkNodeID(),
		c.checkAdvertise(),
		c.checkPolicies(),
		c.checkPublicURL(),
		c.checkOrigins(),
	)
}

func (c *Config) checkListen() error { return checkAddress("listen", c.Listen) }

func (c *Config) checkAdminListen() error {
	if c.AdminListen == "" {
		return nil
	}
	if err := checkAddress("admin-listen", c.AdminListen); err != nil {
		return err
	}
	if _, port, _ := net.SplitHostPort(c.AdminListen); c.AdminListen == c.Listen && port != "0" {
		return fmt.Errorf("admin-listen %q: metrics and profiles need an address of their own, such as 127.0.0.1:3001", c.AdminListen)
	}
	return nil
}

// checkAddress checks the address that a setting wants to listen on.
func checkAddress(setting, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%s %q: write host:port, such as 127.0.0.1:3000, or :3000 for every address of this machine", setting, address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%s %q: the port is a number from 0 to 65535, not %q", setting, address, port)
	} else if n == 0 && port != "0" {
		return fmt.Errorf("%s %q: the port is missing", setting, address)
	}
	return nil
}

func (c *Config) checkData() error {
	if strings.TrimSpace(c.Data) == "" {
		return errors.New("data: name the directory that everything is kept in, such as ./parley-data")
	}
	return nil
}

func (c *Config) checkDB() error {
	if c.DB == "" {
		return nil
	}
	if err := store.CheckURL(string(c.DB)); err != nil {
		return fmt.Errorf("db %s: %w", c.DB, err)
	}
	return nil
}

// storeConfig says where the store is.
func (c *Config) storeConfig(data string) store.Config {
	return store.Config{URL: string(c.DB), Path: filepath.Join(data, storeFile), Logger: c.Logger}
}

const maxNodeID = 64

func (c *Config) checkNodeID() error {
	if c.NodeID == "" {
		return nil // one is made
	}
	return checkNodeID(c.NodeID)
}

func checkNodeID(id string) error {
	strange := strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
	if id == "" || len(id) > maxNodeID || strange {
		return fmt.Errorf("node-id %q: 1 to %d of A-Z a-z 0-9 . _ -", id, maxNodeID)
	}
	return nil
}

func (c *Config) checkAdvertise() error {
	if c.Advertise == "" {
		return nil
	}
	u, err := url.Parse(c.Advertise)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return fmt.Errorf("advertise %q: write the URL at which the other servers reach this one, such as http://10.0.0.7:3000", c.Advertise)
	}
	if !c.shared() {
		return errors.New("advertise: only servers that share a log reach each other; say --kafka host:port as well")
	}
	return nil
}

func (c *Config) checkPolicies() error {
	var errs []error
	if !slices.Contains([]ShowEmail{ShowEmailToMembers, ShowEmailToNobody}, c.ShowEmail) {
		errs = append(errs, fmt.Errorf("show-email %q: members or nobody", c.ShowEmail))
	}
	switch c.Registration {
	case RegistrationOpen, RegistrationInvite, RegistrationClosed:
	default:
		errs = append(errs, fmt.Errorf("registration %q: open, invite or closed", c.Registration))
	}
	if c.LogRetention < 0 {
		errs = append(errs, fmt.Errorf("log-retention %s: a time such as 30d, or forever", c.LogRetention))
	}
	return errors.Join(errs...)
}

func (c *Config) checkPublicURL() error {
	if c.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("public-url %q: write http:// or https:// and a host, such as https://chat.example.org", c.PublicURL)
	}
	return nil
}

func (c *Config) checkOrigins() error {
	var errs []error
	for _, text := range c.AllowOrigins {
		if text == "*" || text == "null" {
			errs = append(errs, fmt.Errorf("allow-origin %q: name each origin; pages of every site could act for your people", text))
			continue
		}
		if _, err := parseOrigin(text); err != nil {
			errs = append(errs, fmt.Errorf("allow-origin %q: %w", text, err))
		}
	}
	return errors.Join(errs...)
}

// parseOrigin gives an origin the way browsers write it (RFC 6454, 6.2): in
// lower case, without a port that is the scheme's own.
func parseOrigin(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Hostname() == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("write scheme://host or scheme://host:port, without a path, such as https://chat.example.org")
	}
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return u.Scheme + "://" + host, nil
}

// origins are all pages that may connect besides those that this server
// delivers itself. The configuration is valid.
func (c *Config) origins() []string {
	var list []string
	add := func(text string) {
		if origin, err := parseOrigin(text); err == nil && !slices.Contains(list, origin) {
			list = append(list, origin)
		}
	}
	if c.PublicURL != "" {
		add(strings.TrimRight(c.PublicURL, "/"))
	}
	for _, text := range c.AllowOrigins {
		add(text)
	}
	return list
}
