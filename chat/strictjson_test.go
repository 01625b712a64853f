package chat

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

type testRef struct {
	RoomID   int64  `json:"roomId,omitempty"`
	RoomName string `json:"roomName,omitempty"`
}

type testRequest struct {
	testRefs
	Text   string          `json:"messageText"`
	Since  Cursor          `json:"since"`
	Limit  uint8           `json:"limit"`
	Ratio  float64         `json:"ratio"`
	Retry  bool            `json:"retry"`
	List   []testRef       `json:"list"`
	Map    map[string]bool `json:"map"`
	Raw    json.RawMessage `json:"raw"`
	Next   *testRef        `json:"next"`
	Hidden string          `json:"-"`
	Plain  int
}

type testRefs = testRef

func TestDecodeStrict(t *testing.T) {
	const request = ` {"roomId":7,"roomName":"x","messageText":"a\u0041\ud83d\udc4b\n","since":"17.x9Yz_-","limit":255,"ratio":-1.5e3,
		"retry":true,"list":[{"roomId":1},{"roomId":2}],"map":{"a":true,"b":false},"raw":[1,{"x":null}],"next":{"roomName":"y"},
		"Plain":1,"extension":{"role":"x","a":[[]]}} `
	want := testRequest{
		testRefs: testRef{RoomID: 7, RoomName: "x"}, Text: "aA👋\n", Since: Cursor{Seq: 17, Check: "x9Yz_-"}, Limit: 255, Ratio: -1500,
		Retry: true, List: []testRef{{RoomID: 1}, {RoomID: 2}}, Map: map[string]bool{"a": true, "b": false},
		Raw: json.RawMessage(`[1,{"x":null}]`), Next: &testRef{RoomName: "y"}, Plain: 1,
	}
	var got testRequest
	if err := DecodeStrict([]byte(request), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(testRequest{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeStrictRefuses(t *testing.T) {
	tests := []struct{ json, want string }{
		{``, "must be an object"},
		{`null`, "must be an object"},
		{`[]`, "must be an object"},
		{`"x"`, "must be an object"},
		{`{`, "not JSON"},
		{`{}{}`, "not JSON"},
		{`{"roomId":7,}`, "not JSON"},
		{`{"roomId" 7}`, "not JSON"},
		{`{roomId:7}`, "not JSON"},
		{`{"roomId":07}`, "not JSON"},
		{`{"roomId":+7}`, "not JSON"},
		{`{"roomId":.5}`, "not JSON"},
		{`{"roomId":1.}`, "not JSON"},
		{`{"roomId":1e}`, "not JSON"},
		{`{"roomId":NaN}`, "not JSON"},
		{`{"roomId":nul}`, "not JSON"},
		{`{"list":[1 2]}`, "not JSON"},
		{`{"list":[1,]}`, "not JSON"},
		{"{\"messageText\":\"a\nb\"}", "not JSON"},
		{"{\"messageText\":\"a\x00b\"}", "not JSON"},
		{`{"messageText":"\x"}`, "not JSON"},
		{`{"messageText":"\u12"}`, "not JSON"},
		{`{"messageText":"\u+123"}`, "not JSON"},
		{`{"messageText":"abc`, "not JSON"},
		{"{\"messageText\":\"\xff\"}", "not UTF-8"},
		{`{"messageText":"\u0000"}`, "NUL"},
		{`{"a\u0000":1}`, "NUL"},
		{`{"x":["\u0000"]}`, "NUL"},
		{`{"messageText":"\ud800"}`, "surrogate"},
		{`{"messageText":"\ud800\u0041"}`, "surrogate"},
		{`{"messageText":"\ud800x"}`, "surrogate"},
		{`{"messageText":"\udc00"}`, "surrogate"},
		{`{"roomId":1,"roomId":2}`, `"roomId" stands there twice`},
		{`{"roomId":1,"room\u0049d":2}`, `"roomId" stands there twice`},
		{`{"x":1,"x":2}`, `"x" stands there twice`},
		{`{"x":1,"X":2}`, `"X" stands there twice`},
		{`{"raw":{"x":1,"X":2}}`, `"X" stands there twice`},
		{`{"RoomId":1}`, `"RoomId" must be written "roomId"`},
		{`{"meſſageText":"x"}`, `must be written "messageText"`},
		{`{"list":[{"ROOMID":1}]}`, `"ROOMID" must be written "roomId"`},
		{`{"next":{"ROOMID":1}}`, `"ROOMID" must be written "roomId"`},
		{`{"seq":1}`, `"seq" is the server's`},
		{`{"sender":"x"}`, `"sender" is the server's`},
		{`{"role":"owner"}`, `"role" is the server's`},
		{`{"at":1}`, `"at" is the server's`},
		{`{"id":"x"}`, `"id" is the server's`},
		{`{"userId":1}`, `"userId" is the server's`},
		{`{"USERID":1}`, `"USERID" is the server's`},
		{`{"userMail":"x"}`, `"userMail" is the server's`},
		{`{"roomId":"7"}`, `"roomId" must be a whole number, not string`},
		{`{"roomId":1.5}`, `"roomId" must be a whole number, not number 1.5`},
		{`{"roomId":9223372036854775808}`, `"roomId" must be a whole number`},
		{`{"limit":-1}`, `"limit" must be a whole number, not negative`},
		{`{"limit":256}`, `"limit" must be`},
		{`{"messageText":7}`, `"messageText" must be a text, not number`},
		{`{"retry":"yes"}`, `"retry" must be true or false`},
		{`{"ratio":"x"}`, `"ratio" must be a number`},
		{`{"list":{}}`, `"list" must be an array`},
		{`{"next":[]}`, `"next" must be an object`},
		{`{"since":"nonsense"}`, "a cursor looks like"},
		{`{"x":1e999}`, "out of range"},
		{`{"x":` + strings.Repeat("9", 41) + `}`, "longer than 40 characters"},
		{`{"x":` + strings.Repeat("[", 8) + strings.Repeat("]", 8) + `}`, "deeper than 8"},
	}
	for _, test := range tests {
		var into testRequest
		err := DecodeStrict([]byte(test.json), &into)
		if err == nil || AsError(err).Code != Invalid || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want invalid with %q", test.json, err, test.want)
		}
	}
	deep := `{"x":` + strings.Repeat("[", 7) + strings.Repeat("]", 7) + `}`
	if err := DecodeStrict([]byte(deep), new(testRequest)); err != nil {
		t.Errorf("8 levels: got %v, want none", err)
	}
	var withRole struct {
		Role string `json:"role"`
	}
	if err := DecodeStrict([]byte(`{"role":"admin"}`), &withRole); err != nil || withRole.Role != "admin" {
		t.Errorf("a request that has a role: got %q, %v", withRole.Role, err)
	}
}

// A key of a stranger is shown shortened and with nothing in it that acts.
func TestDecodeStrictQuotesKeys(t *testing.T) {
	key := `\u001b[2J\u202e` + strings.Repeat("x", 5000)
	err := DecodeStrict([]byte(`{"`+key+`":1,"`+key+`":2}`), new(testRequest))
	if err == nil || len(err.Error()) > 200 || strings.ContainsAny(err.Error(), "\x1b\u202e") {
		t.Errorf("got %q", err)
	}
}

// A few megabytes that are meant to hurt take milliseconds. What is quadratic
// in any of them would not end before the time limit of the tests.
func TestDecodeStrictIsLinear(t *testing.T) {
	const n = 500_000
	for name, data := range map[string]string{
		"keys":    `{` + manyKeys(n) + `}`,
		"numbers": `{"x":[` + strings.Repeat("1e5,", n) + `1]}`,
		"escapes": `{"x":"` + strings.Repeat(`\u00e9`, n) + `"}`,
		"objects": `{"x":[` + strings.Repeat(`{"a":1},`, n) + `{}]}`,
		"spaces":  `{"x":` + strings.Repeat(" ", n) + `1}`,
	} {
		if err := DecodeStrict([]byte(data), new(testRequest)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"k` + strings.Repeat("x", i%7) + Cursor{Seq: Seq(i + 1)}.String() + `":1`)
	}
	return b.String()
}

func FuzzDecodeStrict(f *testing.F) {
	f.Add([]byte(`{"roomId":7,"messageText":"a\u0041\ud83d\udc4b","list":[{"roomId":1}],"raw":[1,{"x":null}]}`))
	f.Add([]byte(`{"next":{"roomId":1e2},"x":[[[[{"a":-0.5}]]]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var into testRequest
		if err := DecodeStrict(data, &into); err != nil {
			refusal, ok := err.(*Error)
			if !ok || refusal.Code != Invalid || !utf8.ValidString(refusal.Message) {
				t.Fatalf("got %#v", err)
			}
			return
		}
		// Stricter than encoding/json, never laxer, and exact about names.
		if !json.Valid(data) {
			t.Fatalf("took what is not JSON: %q", data)
		}
		for _, text := range []string{into.Text, into.RoomName} {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				t.Fatalf("took %q", text)
			}
		}
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(data, &keys); err != nil {
			t.Fatal(err)
		}
		if _, named := keys["messageText"]; !named && into.Text != "" {
			t.Fatalf("took messageText from another key: %q", data)
		}
	})
}

func BenchmarkDecodeStrict(b *testing.B) {
	data := []byte(`{"roomId":7,"messageText":"Hello, how are you all?","retry":false}`)
	b.ReportAllocs()
	for b.Loop() {
		var into testRequest
		if err := DecodeStrict(data, &into); err != nil {
			b.Fatal(err)
		}
	}
}
