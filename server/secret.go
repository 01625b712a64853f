package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"

	"github.com/parleychat/parley/store"
)

// Secret is a text that is printed as ***.
type Secret string

// String implements [fmt.Stringer].
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString implements [fmt.GoStringer].
func (s Secret) GoString() string { return s.String() }

// MarshalText implements [encoding.TextMarshaler], for logs and listings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// maxSecretBytes is more than any password has.
const maxSecretBytes = 4 << 10

// withSecrets is the configuration with the passwords that lie in files. It is
// valid or not as the configuration was.
func (c Config) withSecrets(ctx context.Context) (Config, error) {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	var errs []error
	for _, file := range []struct {
		setting string
		path    *string
		put     func(password string) error
	}{
		{"db-password-file", &c.DBPasswordFile, func(password string) (err error) {
			c.DB, err = withPassword(c.DB, "db", password)
			return err
		}},
		{"redis-password-file", &c.RedisPasswordFile, func(password string) (err error) {
			c.Redis, err = withPassword(c.Redis, "redis", password)
			return err
		}},
		{"kafka-sasl-password-file", &c.Kafka.SASLPasswordFile, func(password string) error {
			if c.Kafka.SASLPassword != "" {
				return errors.New("kafka-sasl-password is given as well; leave one of them out")
			}
			c.Kafka.SASLPassword = Secret(password)
			return nil
		}},
	} {
		if *file.path == "" {
			continue
		}
		password, err := readSecret(ctx, *file.path, c.Logger)
		if err == nil {
			err = file.put(password)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file.setting, err))
		}
		*file.path = "" // read once
	}
	return c, errors.Join(errs...)
}

// readSecret reads a file with a password, one line.
func readSecret(ctx context.Context, path string, logger *slog.Logger) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	warnIfLoose(ctx, file, logger)
	text, err := io.ReadAll(io.LimitReader(file, maxSecretBytes+1))
	if err != nil {
		return "", err
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	switch {
	case len(text) > maxSecretBytes:
		return "", fmt.Errorf("%s is longer than %d bytes: it has to hold the password and nothing else", path, maxSecretBytes)
	case secret == "":
		return "", fmt.Errorf("%s is empty: it has to hold the password", path)
	case strings.ContainsAny(secret, "\n\r\x00"):
		return "", fmt.Errorf("%s has more than one line: it has to hold the password and nothing else", path)
	}
	return secret, nil
}

// looseMode are the rights on a file with a secret that are not for its owner or
// a group that was chosen to read it.
const looseMode = 0o027

// warnIfLoose warns of a file with a secret that others can get at.
func warnIfLoose(ctx context.Context, file *os.File, logger *slog.Logger) {
	info, err := file.Stat()
	if err == nil && modesMatter && info.Mode().Perm()&looseMode != 0 {
		logger.WarnContext(ctx, "other users of this machine can get at a file with a secret; give it mode 0600, or 0640 with a group for it",
			slog.String("file", file.Name()), slog.String("mode", info.Mode().Perm().String()))
	}
}

// withPassword puts a password into an address that has none.
func withPassword[URL ~string](address URL, setting, password string) (URL, error) {
	if address == "" {
		return "", fmt.Errorf("there is no --%s to sign in to with the password", setting)
	}
	u, err := url.Parse(string(address))
	if err != nil {
		return address, nil // whoever checks the address says what is wrong with it, and quotes nothing
	}
	if _, given := u.User.Password(); given {
		return "", fmt.Errorf("%s has a password as well (%s); leave one of them out", setting, store.RedactURL(string(address)))
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return URL(u.String()), nil
}
