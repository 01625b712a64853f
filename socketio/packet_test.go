package socketio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/socketio/wsframe"
)

func TestParsePacket(t *testing.T) {
	type fields struct {
		Kind        string
		Attachments int
		Namespace   string
		HasID       bool
		ID          uint64
		Data        string
	}
	// Those of the protocol's document first.
	tests := map[string]fields{
		`0`:                       {"0", 0, "/", false, 0, ""},
		`0/admin,{"token":"123"}`: {"0", 0, "/admin", false, 0, `{"token":"123"}`},
		`2["foo"]`:                {"2", 0, "/", false, 0, `["foo"]`},
		`2/admin,["bar"]`:         {"2", 0, "/admin", false, 0, `["bar"]`},
		`51-["baz",{"_placeholder":true,"num":0}]`:                                      {"5", 1, "/", false, 0, `["baz",{"_placeholder":true,"num":0}]`},
		`52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`: {"5", 2, "/admin", false, 0, `["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`},
		`212["foo"]`:        {"2", 0, "/", true, 12, `["foo"]`},
		`3/admin,13["bar"]`: {"3", 0, "/admin", true, 13, `["bar"]`},
		`61-15["bar",{"_placeholder":true,"num":0}]`: {"6", 1, "/", true, 15, `["bar",{"_placeholder":true,"num":0}]`},
		`1`:        {"1", 0, "/", false, 0, ""},
		`1/admin,`: {"1", 0, "/admin", false, 0, ""},

		`0/admin`:                   {"0", 0, "/admin", false, 0, ""},
		`1/admin`:                   {"1", 0, "/admin", false, 0, ""},
		`0{}`:                       {"0", 0, "/", false, 0, "{}"},
		`30[]`:                      {"3", 0, "/", true, 0, "[]"},
		`50-["x"]`:                  {"5", 0, "/", false, 0, `["x"]`},
		`510-["x"]`:                 {"5", 10, "/", false, 0, `["x"]`},
		`29999999999999999999["x"]`: {"2", 0, "/", true, 9999999999999999999, `["x"]`},
	}
	for in, want := range tests {
		p, err := parsePacket([]byte(in))
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		got := fields{string(p.kind), p.attachments, string(p.namespace), p.hasID, p.id, string(p.data)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}

func TestParsePacketRefuses(t *testing.T) {
	for _, in := range []string{
		``, `abc`, `7`, `9[]`, `-1`,
		`0[]`, `0"x"`, `0{`, `0{}x`, `01`, `0/admin,x`,
		`1{}`, `1/admin,{}`,
		`2`, `2{}`, `2"x"`, `2/admin`, `2/admin,`, `2abc["x"]`, `2-1["x"]`, `299999999999999999999["x"]`, `21`,
		`3[]`, `3`, `31`, `31{}`,
		`4{"message":"x"}`, `4`,
		`5["x"]`, `5-["x"]`, `511-["x"]`, `5100-["x"]`, `51["x"]`, `5x-["x"]`, `51`, `5-1-["x"]`,
		`6["x"]`, `61-["x"]`,
		`2/` + strings.Repeat("n", maxNamespace) + `,["x"]`,
	} {
		if p, err := parsePacket([]byte(in)); err == nil {
			t.Errorf("%.40s: got %+v, want an error", in, p)
		}
	}
}

func TestParseEvent(t *testing.T) {
	for in, want := range map[string][]string{
		`["foo"]`:                           {"foo"},
		`["foo",1,"2",{"3":[true]}]`:        {"foo", "1", `"2"`, `{"3":[true]}`},
		` `:                                 nil,
		"[ \"foo\" ,\n[1, 2] , null\t]\r\n": {"foo", "[1, 2]", "null"},
		`["a\"b\\",",]",["]"]]`:             {`a"b\`, `",]"`, `["]"]`},
		`["\u00e9"]`:                        {"é"},
		`["__proto__",{"__proto__":{}}]`:    {"__proto__", `{"__proto__":{}}`},
		`[""]`:                              {""},
		`[12,"x"]`:                          {"12", `"x"`},
	} {
		name, args, err := parseEvent([]byte(in))
		var got []string
		if err == nil {
			got = append(got, name)
			for _, arg := range args {
				got = append(got, string(arg))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
	commas := `["x"` + strings.Repeat(",0", maxArgs) + `]`
	for _, in := range []string{
		``, `[]`, `[ ]`, `{}`, `["foo"`, `["foo",]`, `["foo"]x`, `["foo"]["bar"]`, `[null]`, `[true]`, `[{}]`, `[["foo"]]`, `["foo",1e]`,
		`["connect"]`, `["connect_error"]`, `["disconnect"]`, `["disconnecting"]`, `["newListener"]`, `["removeListener"]`, `["conn\u0065ct"]`,
		commas, strings.Repeat("[", 100_000),
	} {
		if name, args, err := parseEvent([]byte(in)); err == nil {
			t.Errorf("%.40s: got %q %q, want an error", in, name, args)
		}
	}
}

func TestEncode(t *testing.T) {
	raw := func(args ...string) (encoded []json.RawMessage) {
		for _, arg := range args {
			encoded = append(encoded, json.RawMessage(arg))
		}
		return encoded
	}
	two := [][]byte{{1}, {2}}
	tests := []struct {
		frames [][]byte
		want   string
	}{
		{[][]byte{EventFrame("/", "foo")}, `42["foo"]`},
		{[][]byte{EventFrame("/", "")}, `42[""]`},
		{[][]byte{EventFrame("/", "foo", raw("1", `{"a":[]}`)...)}, `42["foo",1,{"a":[]}]`},
		{[][]byte{EventFrame("/admin", "foo", nil)}, `42/admin,["foo",null]`},
		{[][]byte{EventFrame("/", "a\"b\\\n<é")}, `42["a\"b\\\n\u003cé"]`},
		{EventFrames("/", "foo", raw("1"), nil), `42["foo",1]`},
		{EventFrames("/admin", "foo", raw(`{"_placeholder":true,"num":0}`), two), `452-/admin,["foo",{"_placeholder":true,"num":0}]`},
		{eventFramesWithID("/", "foo", 12, nil, nil), `4212["foo"]`},
		{eventFramesWithID("/a", "foo", 12, nil, two), `452-/a,12["foo"]`},
		{ackFrames("/", 456, raw("1", `"2"`), nil), `43456[1,"2"]`},
		{ackFrames("/", 0, nil, nil), `430[]`},
		{ackFrames("/a", 7, nil, two), `462-/a,7[]`},
		{[][]byte{connectFrame("/", "abc")}, `40{"sid":"abc"}`},
		{[][]byte{connectFrame("/a", "abc")}, `40/a,{"sid":"abc"}`},
		{[][]byte{connectErrorFrame("/", &ConnectError{Message: "no"})}, `44{"message":"no"}`},
		{[][]byte{connectErrorFrame("/a", &ConnectError{"no", map[string]int{"code": 1}})}, `44/a,{"message":"no","data":{"code":1}}`},
		{[][]byte{connectErrorFrame("/", &ConnectError{"no", func() {}})}, `44{"message":"no"}`},
		{[][]byte{disconnectFrame("/")}, `41`},
		{[][]byte{disconnectFrame("/a")}, `41/a,`},
	}
	for _, test := range tests {
		op, got := wsframe.Decode(test.frames[0])
		if op != wsframe.Text || string(got) != test.want {
			t.Errorf("got %d %s, want %s", op, got, test.want)
		}
		for i, frame := range test.frames[1:] {
			if op, got := wsframe.Decode(frame); op != wsframe.Binary || !bytes.Equal(got, two[i]) {
				t.Errorf("%s: attachment %d: got %d % x, want % x", test.want, i, op, got, two[i])
			}
		}
	}
}

// The header has to fit whatever the length.
func TestEncodeLengths(t *testing.T) {
	for _, n := range []int{0, 100, 125, 126, 1000, 65_535, 65_536, 1_000_000} {
		arg, _ := json.Marshal(strings.Repeat("x", n))
		frame := EventFrame("/", "e", arg)
		op, got := wsframe.Decode(frame)
		if want := fmt.Sprintf(`42["e",%s]`, arg); op != wsframe.Text || string(got) != want {
			t.Errorf("%d: got %d bytes, want %d", n, len(got), len(want))
		}
		if got, want := len(frame), wsframe.HeaderSize(len(got))+len(got); got != want {
			t.Errorf("%d: frame of %d bytes, want %d", n, got, want)
		}
	}
	if allocs := testing.AllocsPerRun(100, func() { EventFrame("/", "e", json.RawMessage(`{"a":1}`)) }); allocs > 1 {
		t.Errorf("EventFrame: got %v allocations, want 1", allocs)
	}
}

func TestCheckPlaceholders(t *testing.T) {
	for in, ok := range map[string]bool{
		`{"_placeholder":true,"num":0}`:                       true,
		`{"num":1,"_placeholder":true}`:                       true,
		`[[{"a":{"_placeholder":true,"num":1}}]]`:             true,
		`{"_placeholder":false,"num":99}`:                     true,
		`{"num":[1,{"x":2}],"a":"_placeholder"}`:              true,
		`{"num":99}`:                                          true,
		`7`:                                                   true,
		`{"_placeholder":true,"num":2}`:                       false,
		`{"_placeholder":true,"num":-1}`:                      false,
		`{"_placeholder":true,"num":1.0}`:                     false,
		`{"_placeholder":true,"num":1e0}`:                     false,
		`{"_placeholder":true,"num":"0"}`:                     false,
		`{"_placeholder":true,"num":null}`:                    false,
		`{"_placeholder":true,"num":18446744073709551616}`:    false,
		`{"_placeholder":true}`:                               false,
		`{"_pl\u0061ceholder":true,"num":5}`:                  false,
		`[1,{"a":[{"_placeholder":true,"num":5}]}]`:           false,
		strings.Repeat("[", 1000) + strings.Repeat("]", 1000): false,
	} {
		if got := checkPlaceholders([]json.RawMessage{json.RawMessage(in)}, 2) == nil; got != ok {
			t.Errorf("%.60s: got %v, want %v", in, got, ok)
		}
	}
}

// FuzzPacket checks that nothing a client sends is misread: what is taken apart
// and put together again is the same packet.
func FuzzPacket(f *testing.F) {
	for _, seed := range []string{
		`0`, `0/admin,{"token":"123"}`, `2["foo"]`, `2/admin,["bar"]`, `212["foo"]`, `3/admin,13["bar"]`, `1/admin,`, `51-["baz",{"_placeholder":true,"num":0}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := parsePacket(in)
		if err != nil || p.kind != packetEvent || !utf8.Valid(in) { // transports refuse the last
			return
		}
		name, args, err := parseEvent(p.data)
		if err != nil {
			return
		}
		frames := EventFrames(string(p.namespace), name, args, nil)
		if p.hasID {
			frames = eventFramesWithID(string(p.namespace), name, p.id, args, nil)
		}
		_, again := wsframe.Decode(frames[0])
		q, err := parsePacket(again[1:])
		if err != nil {
			t.Fatalf("%q became %q, which is refused", in, again)
		}
		name2, args2, err := parseEvent(q.data)
		if err != nil || name2 != name || q.hasID != p.hasID || q.id != p.id || !bytes.Equal(p.namespace, q.namespace) {
			t.Errorf("%q became %q (%v)", in, again, err)
		}
		if diff := cmp.Diff(args, args2); diff != "" {
			t.Errorf("%q became %q:\n%s", in, again, diff)
		}
	})
}

// FuzzArray checks splitArray against encoding/json.
func FuzzArray(f *testing.F) {
	for _, seed := range []string{`["foo",1,"2",{"3":[true]}]`, `[]`, ` [1] `, `["a\"b\\",",]"]`, `[1,]`, `[[1,2],3]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := splitArray(bytes.Clone(in))
		var want []json.RawMessage
		if json.Unmarshal(in, &want) != nil || want == nil || len(want) > maxArgs || in[0] != '[' {
			if err == nil {
				t.Errorf("%q: got %q, want an error", in, got)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", in, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	})
}

func BenchmarkEventFrame(b *testing.B) {
	arg := json.RawMessage(`{"seq":1234,"n":1200,"cursor":"1234.abcdef","roomName":"General","messageText":"` + strings.Repeat("x", 100) + `"}`)
	b.ReportAllocs()
	for b.Loop() {
		EventFrame("/", "receiveMessage", arg)
	}
}

func BenchmarkParseEvent(b *testing.B) {
	in := []byte(`212["sendMessage",{"roomId":17,"cid":"0190c5a2-7c3e-7b1a-9d7e-2f6a1c9b8e4d","messageText":"` + strings.Repeat("x", 100) + `"}]`)
	b.ReportAllocs()
	for b.Loop() {
		p, err := parsePacket(in)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := parseEvent(p.data); err != nil {
			b.Fatal(err)
		}
	}
}
