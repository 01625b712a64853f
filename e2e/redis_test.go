package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/internal/services"
)

// TestRedisOverTLS: a server uses Redis over TLS with an account that may do
// what docs/redis.md says it needs, and no more. What does not let it in is told
// as a Redis that does not answer, and holds up nobody.
func TestRedisOverTLS(t *testing.T) {
	redis := services.PrivateSecureRedis(t)
	account := services.Account{User: "parley", Password: services.Password}
	do := func(command ...string) string {
		t.Helper()
		answer, err := redis.Do(command...)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	do(append([]string{"ACL", "SETUSER", account.User, "on", ">" + account.Password}, neededRights(t)...)...)

	presence := func(url, authority string) (server *rig.Server, says string) {
		server = rig.Serve(t, rig.WithEnv("PARLEY_REDIS="+url, "SSL_CERT_FILE="+authority))
		rig.Eventually(t, "Redis to be used or not", func() bool {
			_, said := readinessOf(server)
			says = said.Parts["presence"]
			return says != ""
		})
		return server, says
	}
	server, _ := presence(redis.URLAs(account), redis.Authority)
	awaitPart(t, server, "presence", false)
	people := server.People("anna", "ben")
	room := people[0].CreateRoom("harbour")
	anna, ben := people[0].Connect(), people[1].Connect()
	anna.Join(room.ID)
	ben.Join(room.ID)
	awaitPresence(anna, room.ID, people[1], true)
	ben.Leave()
	awaitPresence(anna, room.ID, people[1], false)
	rig.Eventually(t, "the server's people in Redis", func() bool {
		return strings.Contains(do("KEYS", "*"), ":presence:node:")
	})
	server.Stop()
	if keys := do("KEYS", "*:presence:node:*"); keys != "" {
		t.Errorf("in Redis after the stop: %q", keys)
	}
	if denied := do("ACL", "LOG"); strings.TrimSpace(denied) != "" {
		t.Errorf("the account was refused: %s", denied)
	}

	wrong := account
	wrong.Password += "!"
	nobody := filepath.Join(t.TempDir(), "nobody.pem")
	if err := os.WriteFile(nobody, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, how := range map[string]struct{ url, authority string }{
		"another password":     {redis.URLAs(wrong), redis.Authority},
		"an unknown authority": {redis.URLAs(account), nobody},
		"without TLS":          {strings.Replace(redis.URLAs(account), "rediss://", "redis://", 1), redis.Authority},
	} {
		server, says := presence(how.url, how.authority)
		if !strings.HasPrefix(says, "degraded: Redis does not answer") {
			t.Errorf("%s: /readyz says %q", name, says)
		}
		server.Register("somebody").CreateRoom("quay")
		server.Stop()
		if log := server.Log(); strings.Contains(log, account.Password) || strings.Contains(log, "p%40ss") {
			t.Errorf("%s: the log has the password", name)
		}
	}
}

// neededRights are those that docs/redis.md names.
func neededRights(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../docs/redis.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("An account of its own needs `([^`]+)`").FindSubmatch(text)
	if found == nil {
		t.Fatal("docs/redis.md does not say what rights an account needs")
	}
	return strings.Fields(string(found[1]))
}
