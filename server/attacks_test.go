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
	A14 A15 A16 A17 A18 A19 A20 A21
	A30 A31 A32 A33 A34 A35 A37 A39 A40 A41 A42 A43 A44 A45 A47 A49
	A50 A52 A53 A54 A55 A56 A57 A58
	A22 A23 A24 A25 A27 A28 A29
	A46 A64 A67 A68 A69 A70 A71 A74 A75`

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

	"A14": {"a foreign room is one that does not exist", foreignRooms},
	"A15": {"no name tells whether a room exists", roomsByName},
	"A16": {"direct messages stay between two", directRooms},
	"A17": {"who has left, was kicked or banned learns nothing later", afterLosingARoom},
	"A18": {"ids of one room open nothing in another", mixedIDs},
	"A19": {"what the server says, no client says", fieldsOfTheServer},
	"A20": {"what is for one socket reaches no other", forOneAlone},
	"A21": {"a room that was made private is gone for strangers", roomsThatChange},

	"A22": {"the algorithm of a token is ours to choose", forgedTokens},
	"A23": {"giant tokens are refused unread", giantTokens},
	"A24": {"a weak key is no key", weakKey},
	"A25": {"a refresh token that comes again ends its session", refreshReused},
	"A27": {"an invite lets in as many as it says, as what everybody is", abusedInvites},
	"A28": {"nothing for the operator is on the public port", nothingExtraOnThePublicPort},
	"A29": {"a new server knows nobody", noDefaultAccount},

	"A30": {"what is too large is refused before it is there", giantFramesAndBodies},
	"A31": {"strange packets and events end as such", strangePackets},
	"A32": {"attachments are what was announced, or the connection ends", forgedAttachments},
	"A33": {"a body of many packets is bounded work", manyPackets},
	"A34": {"acknowledgements that nobody waits for are for nothing", strangeAcknowledgements},
	"A35": {"frames that carry nothing end the connection", emptyFrames},
	"A37": {"JSON is read strictly", strangeJSON},
	"A39": {"nothing that comes in is expanded", compressionBombs},
	"A40": {"slow peers are closed, and slow nobody", slowPeers},
	"A41": {"connections are counted, and end when nobody signs in", manyConnections},
	"A42": {"joining again and again is bounded", floodOfJoins},
	"A43": {"asking again and again is bounded", floodOfRequests},
	"A44": {"one message cannot keep a room busy", amplification},
	"A45": {"long names and towers are refused", longNames},
	"A49": {"noise fills no log", noise},

	"A47": {"whatever stands in a text, reading it takes as long as it is", muchToRead},
	"A52": {"what is exported is JSON, or columns in which nobody can write a line", exports},

	"A46": {"a crowd that signs in does not take the machine", crowdSignsIn},
	"A50": {"SQL in a text is text", sqlInStrings},
	"A53": {"nothing that comes in makes a line of a head", headersOfAnswers},
	"A54": {"names that mislead are refused or taken", misleadingNames},
	"A55": {"a link shows where it leads", linksThatLie},
	"A56": {"broken text never reaches the log", brokenText},
	"A57": {"the lines of the log are the server's own", forgedLogLines},
	"A58": {"texts are no formats, and addresses no files", formatsAndPaths},

	"A64": {"of a picture nothing but a small image survives", hostilePictures},

	"A67": {"secrets are compared in constant time", constantTime},
	"A68": {"answers confine what browsers do with them", answerHeaders},
	"A69": {"secrets appear in nothing that comes out", markedSecrets},
	"A70": {"no answer shows a trace", noTraces},
	"A71": {"over TLS, browsers stay there", overTLS},
	"A74": {"a configuration that cannot be meant is refused", badConfiguration},
	"A75": {"at once gets nobody more than one after the other", atOnce},
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
