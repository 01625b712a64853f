package server_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// requiredAttacks are those that must fail by now; docs/security.md says how.
const requiredAttacks = `
	A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13
	A22 A23 A24 A25 A27 A28 A29
	A46 A67 A68 A69 A70 A71 A74`

// attacks has the test of each attack by its id.
var attacks = map[string]struct {
	refused string // what is the case instead
	test    func(*testing.T)
}{
	"A1":  {"whatever is no password is refused alike, before it is hashed", strangePasswords},
	"A2":  {"every way in refuses everything that is no token", whatIsNoToken},
	"A3":  {"ids of polling sessions cannot be guessed", pollingSessions},
	"A4":  {"who loses the right to be here is told, and cut off", revokedWhileConnected},
	"A5":  {"a token in an address is none", tokenInTheAddress},
	"A6":  {"no other site can use the cookie", callsForOtherSites},
	"A7":  {"no other origin opens a socket", socketsOfOtherOrigins},
	"A8":  {"no other origin reads an answer", pagesOfOtherOrigins},
	"A9":  {"each sign-in makes new ids", fixation},
	"A10": {"what is no request ends as one, and harms nobody", hostileConnections},
	"A11": {"an upgrade that is none leaves the session as it was", badUpgrades},
	"A12": {"passwords cannot be tried out, and nobody is locked out for good", bruteForce},
	"A13": {"answers do not tell which addresses exist", whichAddressesExist},

	"A22": {"the algorithm of a token is ours to choose", forgedTokens},
	"A23": {"giant tokens are refused unread", giantTokens},
	"A24": {"a weak key is no key", weakKey},
	"A25": {"a refresh token that comes again ends its session", refreshReused},
	"A27": {"an invite lets in as many as it says, as what everybody is", abusedInvites},
	"A28": {"nothing for the operator is on the public port", nothingExtraOnThePublicPort},
	"A29": {"a new server knows nobody", noDefaultAccount},

	"A46": {"a crowd that signs in does not take the machine", crowdSignsIn},
	"A67": {"secrets are compared in constant time", constantTime},
	"A68": {"answers confine what browsers do with them", answerHeaders},
	"A69": {"secrets appear in nothing that comes out", markedSecrets},
	"A70": {"no answer shows a trace", noTraces},
	"A71": {"over TLS, browsers stay there", overTLS},
	"A74": {"a configuration that cannot be meant is refused", badConfiguration},
}

func TestAttacks(t *testing.T) {
	described, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	ids := strings.Fields(requiredAttacks)
	for _, id := range ids {
		if !regexp.MustCompile(`\b` + id + `\b`).Match(described) {
			t.Errorf("docs/security.md does not say what becomes of %s", id)
		}
		attack, found := attacks[id]
		if !found {
			t.Errorf("attack %s has no test", id)
			continue
		}
		t.Run(id, func(t *testing.T) {
			t.Log(attack.refused)
			attack.test(t)
		})
	}
	if got, want := len(attacks), len(ids); got != want {
		t.Errorf("%d tests of attacks for %d ids", got, want)
	}
}

// restCall is a call as somebody could make it.
type restCall struct {
	method, path string
	body         any // nil: none
	personal     bool
}

// calls are all of the server's REST calls, as its document lists them, and
// those of Turbo-Chat.
func (n *node) calls() []restCall {
	n.t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			Security    []any
			RequestBody any
		}
	}
	n.client().do("GET", "/api/v1/openapi.json", nil).want(http.StatusOK).into(&document)
	calls := []restCall{
		{"POST", "/api/register", "{}", false},
		{"POST", "/api/login", "{}", false},
		{"GET", "/api/chat", nil, true},
		{"GET", "/api/chat/", nil, true},
		{"POST", "/api/chat", `{"name":"x"}`, true},
		{"GET", "/api/chat/1/messages", nil, true},
	}
	for path, methods := range document.Paths {
		for method, call := range methods {
			made := restCall{method: strings.ToUpper(method), path: withIDs(path), personal: len(call.Security) > 0}
			if call.RequestBody != nil {
				made.body = "{}"
			}
			calls = append(calls, made)
		}
	}
	if len(calls) < 25 {
		raw, _ := json.Marshal(document)
		n.t.Fatalf("found %d calls in %s", len(calls), raw)
	}
	return calls
}

// withIDs puts an id in place of each {name} of a path.
func withIDs(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = "1"
		}
	}
	return strings.Join(parts, "/")
}
