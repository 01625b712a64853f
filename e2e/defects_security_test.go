package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// S1: an address that has an account is a conflict, however it is written.
func takenAddress(t *testing.T) {
	server := rig.Serve(t)
	server.Register("anna")
	for _, path := range []string{"/api/register", "/api/v1/register"} {
		for _, email := range []string{"anna@example.com", "ANNA@Example.COM", " anna@example.com "} {
			err := server.TryCall(nil, "POST", path, "", protocol.Credentials{Email: email, Password: "another password"})
			if got := rig.StatusOf(err); got != http.StatusConflict {
				t.Errorf("POST %s with %q: got %v, want 409", path, email, err)
			}
		}
	}
	if err := server.TryCall(nil, "POST", "/api/login", "", protocol.Credentials{Email: "anna@example.com", Password: "another password"}); rig.StatusOf(err) != http.StatusUnauthorized {
		t.Errorf("login with the password of the second attempt: got %v, want 401", err)
	}
}

// S2: what is no address and what is no password is refused, and of a long
// password every character counts.
func credentialsAreChecked(t *testing.T) {
	server := rig.Serve(t)
	good := protocol.Credentials{Email: "anna@example.com", Password: "long enough"}
	bad := []protocol.Credentials{
		{Email: "", Password: good.Password},
		{Email: "anna", Password: good.Password},
		{Email: "anna@", Password: good.Password},
		{Email: "@example.com", Password: good.Password},
		{Email: "anna@example.com, ben@example.com", Password: good.Password},
		{Email: "Anna <anna@example.com>", Password: good.Password},
		{Email: "an na@example.com", Password: good.Password},
		{Email: "anna@example.com\r\nBcc: ben@example.com", Password: good.Password},
		{Email: strings.Repeat("a", 250) + "@example.com", Password: good.Password},
		{Email: good.Email, Password: ""},
		{Email: good.Email, Password: "short"},
		{Email: good.Email, Password: good.Email},
		{Email: good.Email, Password: strings.Repeat("x", 129)},
		{Email: good.Email, Password: strings.Repeat("x", 100_000)},
	}
	for _, path := range []string{"/api/register", "/api/v1/register"} {
		for _, credentials := range bad {
			if err := server.TryCall(nil, "POST", path, "", credentials); rig.StatusOf(err) != http.StatusBadRequest {
				t.Errorf("POST %s %.60q %.20q: got %v, want 400", path, credentials.Email, credentials.Password, err)
			}
		}
	}

	long := strings.Repeat("0123456789", 10)
	good.Password = long
	if err := server.TryCall(nil, "POST", "/api/register", "", good); err != nil {
		t.Fatalf("register with 100 characters: %v", err)
	}
	for password, want := range map[string]int{
		long:                          http.StatusOK,
		long[:72]:                     http.StatusUnauthorized,
		long[:72] + long[:28]:         http.StatusUnauthorized,
		long[:99] + "X":               http.StatusUnauthorized,
		long + "0":                    http.StatusUnauthorized,
		strings.Repeat("x", 4<<10):    http.StatusUnauthorized,
		strings.ToUpper("abc") + long: http.StatusUnauthorized,
	} {
		err := server.TryCall(nil, "POST", "/api/login", "", protocol.Credentials{Email: good.Email, Password: password})
		if got := rig.StatusOf(err); got != want {
			t.Errorf("login with %d characters: got %v, want %d", len(password), err, want)
		}
	}
}

// S3: two servers have two secrets, which nobody else can read, and neither
// takes a token of the other, one signed with a secret that is in every list,
// or one that is not signed at all.
func ownSecret(t *testing.T) {
	servers := []*rig.Server{rig.Serve(t), rig.Serve(t)}
	var keys []string
	for _, server := range servers {
		path := filepath.Join(server.Data, "jwt.key")
		key, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, string(key))
		for _, name := range []string{path, server.Data} {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			if mode := info.Mode().Perm(); mode&0o077 != 0 {
				t.Errorf("%s has mode %v: others can read it", name, mode)
			}
		}
	}
	if keys[0] == keys[1] || len(strings.TrimSpace(keys[0])) < 64 {
		t.Errorf("keys of two servers: %d and %d characters, equal: %v", len(keys[0]), len(keys[1]), keys[0] == keys[1])
	}

	anna := servers[0].Register("anna")
	servers[1].Register("anna")
	tokens := map[string]string{"of another server": anna.Token, "with alg none": unsigned(t, anna.Token), "without signature": cutSignature(anna.Token)}
	for _, secret := range []string{"secret", "jwt_secret", "changeme", "password", "your-256-bit-secret", "parley", keys[1][:8]} {
		tokens["signed with "+secret] = resigned(t, anna.Token, []byte(secret))
	}
	for name, token := range tokens {
		server := servers[0]
		if name == "of another server" {
			server = servers[1]
		}
		if err := server.TryCall(nil, "GET", "/api/v1/me", token, nil); rig.StatusOf(err) != http.StatusUnauthorized {
			t.Errorf("REST with a token %s: got %v, want 401", name, err)
		}
		if _, err := server.TryConnect(t, rig.How{Token: token}); !errors.Is(err, rig.ErrRefused) {
			t.Errorf("socket with a token %s: got %v, want a refusal", name, err)
		}
	}

	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "jwt.key"), []byte("736563726574\n"), 0o600); err != nil { // "secret"
		t.Fatal(err)
	}
	code, _, said := rig.Parley(t, []string{"PARLEY_DATA=" + data, "PARLEY_LISTEN=" + rig.FreeAddr(t)}, "serve")
	if code == 0 || !strings.Contains(said, "jwt.key") {
		t.Errorf("start with a short key: exit code %d, %q", code, said)
	}
}

// claimsOf are what a token says, unchecked.
func claimsOf(t *testing.T, token string) jwt.MapClaims {
	t.Helper()
	var claims jwt.MapClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func resigned(t *testing.T, token string, secret []byte) string {
	t.Helper()
	forged, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claimsOf(t, token)).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return forged
}

func unsigned(t *testing.T, token string) string {
	t.Helper()
	forged, err := jwt.NewWithClaims(jwt.SigningMethodNone, claimsOf(t, token)).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	return forged
}

func cutSignature(token string) string { return token[:strings.LastIndexByte(token, '.')+1] }

// S5: the eleventh attempt in a minute is refused, for an account as for an
// address without one, in the same words and after the same work; others are
// not concerned, and who knows the password gets in later.
func signInsAreLimited(t *testing.T) {
	server := rig.Serve(t)
	known := server.Crowd("known", 4)
	ben := server.Register("ben")
	login := func(path, email, password string) (time.Duration, error) {
		start := time.Now()
		err := server.TryCall(nil, "POST", path, "", protocol.Credentials{Email: email, Password: password})
		return time.Since(start), err
	}

	begun := time.Now()
	fastest := map[string]time.Duration{}
	answers := map[string]bool{}
	for i := range known {
		for kind, email := range map[string]string{"known": known[i].Email, "unknown": fmt.Sprintf("nobody%d@example.com", i)} {
			took, err := login("/api/login", email, "a wrong password")
			answers[fmt.Sprint(err)] = true
			if best, found := fastest[kind]; !found || took < best {
				fastest[kind] = took
			}
		}
	}
	if len(answers) != 1 || !answers[`401 {"error":"Invalid credentials"}`] {
		t.Errorf("wrong password and unknown address were answered %v, want one answer", answers)
	}
	if fastest["unknown"] < fastest["known"]/3 {
		t.Errorf("an unknown address is refused after %v, a wrong password after %v", fastest["unknown"], fastest["known"])
	}

	for _, email := range []string{known[0].Email, "nobody0@example.com"} {
		refusedAt := 0
		var refused *rig.HTTPError
		var when time.Time
		for attempt := 2; attempt <= 50 && refusedAt == 0; attempt++ { // the first was made above
			path := []string{"/api/login", "/api/v1/login"}[attempt%2]
			if _, err := login(path, email, "a wrong password"); rig.StatusOf(err) == http.StatusTooManyRequests {
				refusedAt, when = attempt, time.Now()
				errors.As(err, &refused)
			}
		}
		// One attempt more is let through every six seconds.
		if latest := 12 + int(time.Since(begun)/(6*time.Second)); refusedAt < 11 || refusedAt > latest {
			t.Errorf("attempts for %s were refused at number %d, want 11 to %d", email, refusedAt, latest)
			continue
		}
		seconds, err := strconv.Atoi(refused.Header.Get("Retry-After"))
		if err != nil {
			t.Errorf("429 for %s without Retry-After: %v", email, err)
		}
		_, err = login("/api/login", email, known[0].Password)
		// It is told in whole seconds, so the last of them may be over.
		limited := time.Since(when) < time.Duration(seconds-1)*time.Second
		if limited && rig.StatusOf(err) != http.StatusTooManyRequests {
			t.Errorf("the right password for %s while limited: got %v, want 429", email, err)
		}
	}
	if _, err := login("/api/login", ben.Email, ben.Password); err != nil {
		t.Errorf("somebody else signs in: %v", err)
	}
}

// S6: whatever people do, right or wrong, the log has nothing of what they
// type, and no token.
func nothingSecretInTheLog(t *testing.T) {
	server := rig.Serve(t)
	const mark = "zebra-umbrella"
	anna := server.Register("anna-" + mark[:5])
	marked := protocol.Credentials{Email: "ben@example.com", Password: mark + " password"}
	for range 2 { // the second time it is taken
		_ = server.TryCall(nil, "POST", "/api/register", "", marked)
	}
	marked.Password += "!"
	_ = server.TryCall(nil, "POST", "/api/login", "", marked)
	_ = server.TryCall(nil, "POST", "/api/v1/login", "", map[string]any{"email": []string{mark}, "password": map[string]string{mark: mark}})
	_ = server.TryCall(nil, "GET", "/api/chat?token="+mark, mark+".token", nil)

	room := anna.CreateRoom("log")
	socket := anna.Connect()
	socket.Join(room.ID)
	socket.Say(room.ID, mark)
	old := anna.ConnectTurbo()
	joinTurbo(old, room)
	old.Emit(protocol.SendMessage, map[string]string{"roomName": "log", "message": mark + " old"})
	awaitTurboText(old, mark+" old")
	socket.WantRefusal("invalid", protocol.SendMessage, map[string]any{"roomId": room.ID, "messageText": []string{mark}})
	socket.WantRefusal("invalid", mark, mark)
	if err := socket.Raw("42[" + mark); err != nil {
		t.Fatal(err)
	}
	socket.AwaitEnd()
	if _, err := server.TryConnect(t, rig.How{Token: mark}); !errors.Is(err, rig.ErrRefused) {
		t.Errorf("connect with a wrong token: %v", err)
	}
	server.Restart()
	server.Stop()

	log := server.Log()
	if !strings.Contains(log, "parley started") {
		t.Fatalf("this is not the log: %.200q", log)
	}
	for what, secret := range map[string]string{"something typed": mark, "the password": anna.Password, "the token": anna.Token} {
		if at := strings.Index(log, secret); at >= 0 {
			t.Errorf("the log has %s: …%s…", what, log[max(0, at-200):min(len(log), at+100)])
		}
	}
}

// S7: what goes wrong is said in JSON and in a sentence, never with the
// program's insides.
func noStackTraces(t *testing.T) {
	server := rig.Serve(t)
	anna := server.Register("anna")
	requests := 0
	for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"} {
		for _, path := range []string{
			"/api", "/api/", "/api/register", "/api/login", "/api/chat", "/api/chat/1/messages", "/api/chat/%00/messages",
			"/api/chat/%2e%2e%2f/messages", "/api/chat/9999999999999999999999/messages", "/api/v1/rooms/x", "/api/v1/nothing",
			"/api/v1/rooms/1/messages?before=-1&after=x&limit=y", "/socket.io/?EIO=4&transport=polling&sid=nobody", "/socket.io/?EIO=x",
		} {
			for _, body := range []string{"", "{", "null", `{"email":`, strings.Repeat("[", 100_000), "\xff\xfe"} {
				req, err := http.NewRequest(method, server.URL+path, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Authorization", anna.Token)
				checkAnswer(t, req)
				requests++
			}
		}
	}
	t.Logf("%d requests", requests)
	if strings.Contains(server.Log(), "panic") {
		t.Error("a request panicked")
	}
}

var requestID = regexp.MustCompile(`"requestId":"[A-Z2-7]*"`)

// checkAnswer wants an answer that tells nothing about the program.
func checkAnswer(t *testing.T, req *http.Request) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Errorf("%s %s: %v", req.Method, req.URL, err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("%s %s: %v", req.Method, req.URL, err)
	}
	if resp.StatusCode >= 500 {
		t.Errorf("%s %s: got %s %.200s", req.Method, req.URL, resp.Status, body)
	}
	// The name of a request is drawn by chance, from letters that can spell anything.
	told := requestID.ReplaceAllLiteral(body, nil)
	for _, inside := range []string{"goroutine", ".go:", "panic", "runtime error", "SQL", "sqlite", "/work", "<html", "json:"} {
		if strings.Contains(string(told), inside) {
			t.Errorf("%s %s: the answer contains %q: %.300s", req.Method, req.URL, inside, body)
		}
	}
	if resp.StatusCode >= 400 && req.Method != "HEAD" && len(body) > 0 && !json.Valid(body) {
		t.Errorf("%s %s: %s is answered %.200q, want JSON", req.Method, req.URL, resp.Status, body)
	}
}

// S8: an address that is a list, an object or anything but a string is refused
// before anybody is looked for.
func addressIsAString(t *testing.T) {
	server := rig.Serve(t)
	anna := server.Register("anna")
	for _, path := range []string{"/api/login", "/api/register", "/api/v1/login", "/api/v1/register"} {
		for _, email := range []any{
			[]string{anna.Email}, []string{anna.Email, "ben@example.com"}, []any{}, map[string]string{"$gt": ""},
			map[string]any{"email": anna.Email}, 1, true,
		} {
			var in protocol.SignedIn
			err := server.TryCall(&in, "POST", path, "", map[string]any{"email": email, "password": anna.Password})
			if rig.StatusOf(err) != http.StatusBadRequest || in.Token != "" {
				t.Errorf("POST %s with the address %v: got %v, want 400", path, email, err)
			}
		}
		for _, body := range []any{[]any{}, "text", 1, nil, []any{map[string]any{"email": anna.Email, "password": anna.Password}}} {
			if err := server.TryCall(nil, "POST", path, "", json.RawMessage(must(json.Marshal(body)))); rig.StatusOf(err) != http.StatusBadRequest {
				t.Errorf("POST %s with the body %v: got %v, want 400", path, body, err)
			}
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// S12: every event with every wrong payload, as old and as new client; then
// packets that are none. Only the socket that breaks the protocol ends, and the
// process is the one that it was.
func malformedPayloads(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben", "mallory")
	room := people[0].CreateRoom("robust")
	anna, ben := people[0].Connect(), people[1].Connect()
	anna.Join(room.ID)
	ben.Join(room.ID)
	pid := server.Pid()

	events := []string{
		protocol.JoinRoom, protocol.LeaveRoom, protocol.SendMessage, protocol.GetMessages, protocol.GetRecentMessages,
		protocol.GetOnlineUsers, protocol.Authenticate, "connect", "disconnect", "error", "__proto__", "", "constructor",
	}
	payloads := [][]any{
		{}, {nil}, {1}, {"text"}, {true}, {[]any{}}, {[]any{nil}}, {map[string]any{}}, {map[string]any{"roomName": nil}},
		{map[string]any{"roomId": "1"}}, {map[string]any{"roomId": []int{1}}}, {map[string]any{"roomId": 1e300}},
		{map[string]any{"roomId": room.ID, "since": 5}}, {map[string]any{"roomId": room.ID, "latest": -1}},
		{map[string]any{"roomId": room.ID, "messageText": nil}}, {map[string]any{"roomId": room.ID, "cid": map[string]any{}}},
		{map[string]any{"token": []any{}}}, {map[string]any{"roomName": strings.Repeat("x", 50_000)}}, {1, 2, 3, 4},
		{deep(2000)},
	}
	for _, how := range []rig.How{{Token: people[2].Token}, {Token: people[2].Token, Polling: true}} {
		for _, event := range events {
			mallory := server.Connect(t, how)
			for _, payload := range payloads {
				if err := mallory.TryEmit(event, payload...); err != nil {
					break // it broke the protocol and was closed
				}
				err := mallory.TryAsk(new(any), event, payload...)
				if _, refused := err.(*rig.Refused); err != nil && !refused {
					break
				}
			}
			mallory.Cut()
		}
	}
	for _, packet := range []string{
		"4", "42", "42[", "42[]", "42{}", `42["joinRoom"`, "42[null]", "42[1]", "420[]", "42999999999999999999999[\"x\"]", "43[]", "43", "431[]",
		"40", "40{", "41", "44", "45", "451-[\"x\"]", "451-[\"x\",{\"_placeholder\":true,\"num\":0}]", "4599-[]", "461-[]", "49", "4a",
		"5", "6", "7", "x", "", "0", "2", "3", "bAAAA", `42/other,["x"]`, `40/other,`, "\x00", "\xff\xfe", `42["joinRoom",{"roomName":"\ud800"}]`,
	} {
		mallory := people[2].Connect()
		if err := mallory.Raw(packet); err == nil {
			_ = mallory.Raw(`421["roundtrip",{}]`)
		}
		mallory.Cut()
		old := people[2].ConnectPolling()
		_ = old.Raw(packet) // refusing it is as good as passing over it
		old.Cut()
	}

	anna.Say(room.ID, "all well")
	ben.AwaitText(room.ID, "all well")
	if err := rig.Contiguous(ben.InRoom(room.ID)); err != nil {
		t.Error(err)
	}
	if !server.Running() || server.Pid() != pid {
		t.Error("the process ended")
	}
	if log := server.Log(); strings.Contains(log, "panic") {
		t.Error("something panicked")
	}
}

// deep is a list in a list in a list …
func deep(levels int) json.RawMessage {
	return json.RawMessage(strings.Repeat("[", levels) + strings.Repeat("]", levels))
}
