package server

import (
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parleychat/parley/internal/services"
)

// hidden is in every password of these tests, and nowhere else.
const hidden = "sesame"

func secretFile(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	// Whatever the umask is.
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func passwordIn(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	return password
}

// TestPasswordFiles: a password from a file is used as it is, whatever is special
// in it, and is printed nowhere; what is wrong with a file is said.
func TestPasswordFiles(t *testing.T) {
	const special = hidden + " @:/?#%&é\\"
	log := new(strings.Builder)
	cfg := Default()
	cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	cfg.DB, cfg.DBPasswordFile = "mysql://parley@db:3306/parley?tls=true", secretFile(t, special+"\n", 0o600)
	cfg.Redis, cfg.RedisPasswordFile = "redis://redis:6379/1", secretFile(t, special, 0o400)
	cfg.Kafka.Brokers, cfg.Kafka.SASL, cfg.Kafka.SASLUser = []string{"kafka:9092"}, "PLAIN", "parley"
	cfg.Kafka.SASLPasswordFile = secretFile(t, special+"\r\n", 0o640)
	if err := cfg.Validate(); err != nil {
		t.Errorf("before the files are read: %v", err)
	}
	got, err := cfg.withSecrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	if again, err := got.withSecrets(t.Context()); err != nil || again.DB != got.DB {
		t.Errorf("a second time: got %v", err)
	}
	option, err := got.Redis.option()
	if err != nil || option.Password != special || option.SelectDB != 1 {
		t.Errorf("redis: got %+v, %v", option, err)
	}
	if password := passwordIn(t, string(got.DB)); password != special {
		t.Errorf("db: got the password %q, want %q", password, special)
	}
	if string(got.Kafka.SASLPassword) != special {
		t.Errorf("kafka: got the password %q, want %q", string(got.Kafka.SASLPassword), special)
	}
	for _, text := range []string{fmt.Sprintf("%v %+v", got.DB, got.Redis), fmt.Sprintf("%+v", got.Kafka), log.String()} {
		if strings.Contains(text, hidden) {
			t.Errorf("a password is printed: %s", text)
		}
	}
	if strings.Contains(log.String(), "mode") {
		t.Errorf("files that nobody else can read are warned of: %s", log)
	}

	for name, test := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"missing":       {func(c *Config) { c.DBPasswordFile = filepath.Join(t.TempDir(), "none") }, "no such file"},
		"empty":         {func(c *Config) { c.DBPasswordFile = secretFile(t, "\n", 0o600) }, "is empty"},
		"two lines":     {func(c *Config) { c.DBPasswordFile = secretFile(t, hidden+"\nuser\n", 0o600) }, "more than one line"},
		"too long":      {func(c *Config) { c.DBPasswordFile = secretFile(t, strings.Repeat(hidden, 1000), 0o600) }, "longer than"},
		"twice":         {func(c *Config) { c.DB = "mysql://parley:" + hidden + "@db/parley" }, "has a password as well"},
		"no redis":      {func(c *Config) { c.Redis = "" }, "there is no --redis"},
		"kafka's twice": {func(c *Config) { c.Kafka.SASLPassword = hidden }, "kafka-sasl-password is given as well"},
	} {
		t.Run(name, func(t *testing.T) {
			c := cfg
			test.change(&c)
			_, err := c.withSecrets(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), hidden) {
				t.Errorf("got %v, want %q and no password", err, test.want)
			}
		})
	}

	if modesMatter {
		log.Reset()
		cfg.DBPasswordFile = secretFile(t, special, 0o644)
		if _, err := cfg.withSecrets(t.Context()); err != nil || !strings.Contains(log.String(), cfg.DBPasswordFile) {
			t.Errorf("a file that everybody can read: got %v and the log %q, want a warning", err, log)
		}
	}
}

// TestSecretsAreNotLogged runs a server with its secrets in files and looks for
// them in everything that it logs, also when it is not let in.
func TestSecretsAreNotLogged(t *testing.T) {
	const key = "8f1d3c5b7a9e0f2d4c6b8a1e3f5d7c9b0a2e4f6d8c1b3a5e7f9d0c2b4a6e8f1d"
	address := services.SharedMariaDB(t).NewDatabase(t)
	password := passwordIn(t, address)
	log := new(strings.Builder)
	begin := func(password string) (*Server, error) {
		cfg := Default()
		cfg.Listen, cfg.Data = "127.0.0.1:0", filepath.Join(t.TempDir(), "data")
		cfg.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		u.User = url.User(u.User.Username())
		cfg.DB = DatabaseURL(u.String())
		cfg.DBPasswordFile, cfg.SecretFile = secretFile(t, password, 0o600), secretFile(t, key, 0o600)
		return New(t.Context(), cfg)
	}
	s, err := begin(password)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.tokenKey(t.Context())
	if err != nil || fmt.Sprintf("%x", got) != key {
		t.Errorf("key of tokens: got %v, want that of the file", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = begin("open " + hidden)
	if err == nil {
		t.Fatal("a wrong password: got no error")
	}
	text := log.String() + err.Error()
	for _, secret := range []string{password, key, hidden} {
		if strings.Contains(text, secret) {
			t.Errorf("a secret is in the log or the error: %s", text)
		}
	}
	for name, weak := range map[string]string{"no key": hidden + hidden, "short": "8f1d", "typed": strings.Repeat("ab", 32)} {
		s := &Server{cfg: Config{SecretFile: secretFile(t, weak, 0o600)}, logger: slog.New(slog.DiscardHandler)}
		if _, err := s.tokenKey(t.Context()); err == nil || !strings.Contains(err.Error(), "openssl rand") || strings.Contains(err.Error(), weak) {
			t.Errorf("%s: got %v, want it refused, unquoted", name, err)
		}
	}
}
