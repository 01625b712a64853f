package loadgen

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func TestParsePacket(t *testing.T) {
	tests := []struct {
		in   string
		want packet
	}{
		{`0{"sid":"a"}`, packet{kind: pktOpen, body: []byte(`{"sid":"a"}`)}},
		{`1`, packet{kind: pktEnd}},
		{`2`, packet{kind: pktPing}},
		{`6`, packet{}},
		{`40{"sid":"b"}`, packet{kind: pktConnected, body: []byte(`{"sid":"b"}`)}},
		{`41`, packet{kind: pktEnd}},
		{`42["a",{"b":1}]`, packet{kind: pktEvent, name: []byte("a"), body: []byte(`,{"b":1}]`)}},
		{`4212["a"]`, packet{kind: pktEvent, name: []byte("a"), body: []byte(`]`)}},
		{`4312[{"ok":true}]`, packet{kind: pktAck, id: 12, body: []byte(`[{"ok":true}]`)}},
		{`44{"message":"no"}`, packet{kind: pktRefused, body: []byte(`{"message":"no"}`)}},
	}
	for _, tt := range tests {
		got, err := parsePacket([]byte(tt.in))
		if err != nil {
			t.Errorf("%s: got error %v", tt.in, err)
		}
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(packet{})); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.in, diff)
		}
	}
	for _, in := range []string{"", "x", "4", "4x", "42", `42["a`, `42{}`, `43[]`, `431`, `431{}`} {
		if got, err := parsePacket([]byte(in)); err == nil {
			t.Errorf("%q: got %+v, want an error", in, got)
		}
	}
}

// What a person writes cannot look like a field of the event.
func TestFieldsInTextAreNotFields(t *testing.T) {
	body := []byte(`{"messageText":"\"seq\":9,\"cid\":\"x\"","seq":3,"cid":"y"}`)
	if got, ok := intField(body, `"seq":`); got != 3 || !ok {
		t.Errorf("seq: got %d, %v, want 3", got, ok)
	}
	if got, ok := stringField(body, `"cid":"`); string(got) != "y" || !ok {
		t.Errorf("cid: got %q, %v, want y", got, ok)
	}
}

func TestCIDs(t *testing.T) {
	ids := newCIDs()
	now := time.UnixMilli(1_700_000_000_123)
	cid := ids.make(now, 0xABCDEF)
	u, err := uuid.Parse(cid)
	if err != nil {
		t.Fatalf("%s: %v", cid, err)
	}
	sec, nsec := u.Time().UnixTime()
	if got := time.Unix(sec, nsec); u.Version() != 7 || u.Variant() != uuid.RFC4122 || !got.Equal(now) {
		t.Errorf("%s: got version %d, variant %v, time %v, want a UUIDv7 of %v", cid, u.Version(), u.Variant(), got, now)
	}
	if n, ok := ids.number([]byte(cid)); n != 0xABCDEF || !ok {
		t.Errorf("number: got %d, %v, want %d", n, ok, 0xABCDEF)
	}
	other := cids{mark: strings.Map(func(r rune) rune {
		if r == '0' {
			return '1'
		}
		return r
	}, "7000-8000")}
	for _, foreign := range []string{"", "x", other.make(now, 1), uuid.NewString(), cid + "0"} {
		if foreign == ids.make(now, 1) {
			continue // one mark in 16 million
		}
		if n, ok := ids.number([]byte(foreign)); ok {
			t.Errorf("%q: got number %d, want none", foreign, n)
		}
	}
}

func TestMaskedFrame(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 65535, 65536} {
		payload := bytes.Repeat([]byte("x"), n)
		b := maskedFrame(opText, payload)
		head := len(b) - n
		if b[0] != 0x81 || b[1]&0x80 == 0 {
			t.Fatalf("%d bytes: got head %x, want a final, masked text frame", n, b[:2])
		}
		for i := range payload {
			if got := b[head+i] ^ b[head-4+i&3]; got != 'x' {
				t.Fatalf("%d bytes: got %q at %d", n, got, i)
			}
		}
	}
}

func FuzzNextFrame(f *testing.F) {
	f.Add([]byte("\x81\x02hi"))
	f.Add([]byte("\x81\x7e\x00\x03abc"))
	f.Add([]byte("\x82\x7f\x00\x00\x00\x00\x00\x00\x00\x01a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, payload, size, err := nextFrame(b)
		if err != nil || size == 0 {
			return
		}
		if size > len(b) || len(payload) > size {
			t.Fatalf("got size %d, payload %d of %d bytes", size, len(payload), len(b))
		}
		if _, _, n, err := nextFrame(b[:size-1]); n != 0 || err != nil {
			t.Fatalf("without its last byte: got size %d, error %v, want 0, nil", n, err)
		}
	})
}

// FuzzSocket feeds a live socket with anything.
func FuzzSocket(f *testing.F) {
	f.Add([]byte("\x81\x0242"), false)
	f.Add([]byte("\x81\x2742[\"receiveMessage\",{\"seq\":2,\"kind\":\"x\"}]"), true)
	f.Add([]byte("\x81\x16431[{\"ok\":true,\"seq\":2}]"), true)
	f.Fuzz(func(t *testing.T, b []byte, sent bool) {
		r := &run{cids: newCIDs(), rooms: []string{"1"}, freed: make(chan struct{}, 1)}
		if sent {
			r.ledger.add(0, 0, 0, 0, 2, true)
		}
		s := &socket{run: r, state: live, known: true, wire: discard{}}
		var counted tally
		if used, _ := s.take(b, 0, &counted); used < 0 || used > len(b) {
			t.Fatalf("got %d used of %d bytes", used, len(b))
		}
		r.ledger.judge(&r.faults)
	})
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) Close() error                { return nil }

func TestConnectPacketCarriesTheToken(t *testing.T) {
	for token, want := range map[string]string{"": "40", "a.b.c": `40{"token":"a.b.c"}`} {
		if got := (&socket{token: token}).connectPacket(); got != want {
			t.Errorf("token %q: got %s, want %s", token, got, want)
		}
	}
}

// A room's description has a head of its own, taken earlier than the answer's.
func TestJoinedAtTheAnswersHead(t *testing.T) {
	s := &socket{run: &run{}}
	if err := s.joined([]byte(`[{"ok":true,"room":{"id":1,"head":{"seq":3}},"head":{"seq":5,"n":2,"cursor":"5.x"},"more":false}]`)); err != nil {
		t.Fatal(err)
	}
	if s.last != 5 || s.state != live {
		t.Errorf("got seq %d, state %d, want 5, %d", s.last, s.state, live)
	}
	for _, answer := range []string{
		`[{"ok":false,"error":{"code":"forbidden","message":"no"}}]`,
		`[{"ok":true,"more":true,"head":{"seq":5}}]`,
		`[{"ok":true,"reset":{"reason":"history","head":{"seq":5}}}]`,
		`[]`, `[`,
	} {
		if err := new(socket).joined([]byte(answer)); err == nil || !strings.Contains(err.Error(), answer) {
			t.Errorf("%s: got error %v, want one with the answer", answer, err)
		}
	}
}
