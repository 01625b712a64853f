package store

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// CheckURL says what is wrong with the address of a database, without its
// password.
func CheckURL(text string) error {
	_, err := parseURL(text)
	return err
}

// RedactURL is the address with *** in place of its password, and of
// everything that could be one in an address that nobody understands.
func RedactURL(text string) string {
	if text == "" {
		return ""
	}
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return "***"
	}
	// The last @, because a password that was not escaped may have one.
	at := strings.LastIndexByte(rest, '@')
	user, _, hasPassword := strings.Cut(rest[:max(at, 0)], ":")
	switch {
	case at >= 0 && hasPassword:
		return scheme + "://" + user + ":***" + rest[at:]
	case at < 0 && strings.Contains(rest, ":") && !isHostPort(rest):
		return scheme + "://***"
	}
	return text
}

// isHostPort reports whether a colon in what follows the scheme, where nobody is
// named, can only stand before a port.
func isHostPort(rest string) bool {
	address, _, _ := strings.Cut(rest, "/")
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

const urlForm = "write mysql://user:password@host:port/name, with the characters / ? # @ : % of the password as %2F %3F %23 %40 %3A %25"

// parseURL reads mysql://user:password@host:port/name. The only parameter is
// tls: true, skip-verify or false.
func parseURL(text string) (*mysql.Config, error) {
	u, err := url.Parse(text)
	if err != nil {
		// What is wrong quotes the address.
		return nil, errors.New("no address: " + urlForm)
	}
	name := strings.TrimPrefix(u.Path, "/")
	switch {
	case u.Scheme == "" || u.Scheme != "mysql":
		return nil, fmt.Errorf("a database of the kind %q is not known: %s; MariaDB is written so too, and SQLite needs no address", u.Scheme, urlForm)
	case u.User == nil || u.User.Username() == "":
		return nil, errors.New("no user: " + urlForm)
	case u.Hostname() == "":
		return nil, errors.New("no host: " + urlForm)
	case name == "" || strings.Contains(name, "/"):
		return nil, errors.New("no name of a database: " + urlForm)
	case u.Fragment != "":
		return nil, errors.New("something behind #: " + urlForm)
	}
	cfg := mysql.NewConfig()
	cfg.User, cfg.DBName, cfg.Net = u.User.Username(), name, "tcp"
	cfg.Passwd, _ = u.User.Password()
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	cfg.Addr = net.JoinHostPort(u.Hostname(), port)
	return cfg, parseParameters(cfg, u)
}

func parseParameters(cfg *mysql.Config, u *url.URL) error {
	parameters, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("its parameters cannot be read: " + urlForm)
	}
	for name, values := range parameters {
		if name != "tls" || len(values) != 1 {
			return fmt.Errorf("the parameter %q is not known: only one tls=true, tls=skip-verify or tls=false may follow", name)
		}
		switch values[0] {
		case "true":
			cfg.TLS = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
		case "skip-verify":
			cfg.TLS = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
		case "false":
		default:
			return fmt.Errorf("tls=%s: true, skip-verify or false", values[0])
		}
	}
	return nil
}
