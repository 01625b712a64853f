package client

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestPackets(t *testing.T) {
	name, payload, err := readEvent([]byte(`["receiveMessage",{"seq":1}]`))
	if err != nil || name != "receiveMessage" || string(payload) != `{"seq":1}` {
		t.Errorf("event: got %s %s, error %v", name, payload, err)
	}
	id, answer, err := readAck([]byte(`12[{"ok":true}]`))
	if err != nil || id != 12 || string(answer) != `{"ok":true}` {
		t.Errorf("acknowledgement: got %d %s, error %v", id, answer, err)
	}
	text, err := writeEvent(7, "typing", map[string]int{"roomId": 1})
	if want := `427["typing",{"roomId":1}]`; err != nil || string(text) != want {
		t.Errorf("wrote %s, error %v, want %s", text, err, want)
	}
	refused := readConnectRefusal([]byte(`{"message":"Sign in.","data":{"code":"unauthorized","message":"Sign in.","retryAfter":0.5}}`))
	if refused.Code != "unauthorized" || refused.RetryAfter != 500*time.Millisecond {
		t.Errorf("connect refused: got %+v", refused)
	}
	for text, want := range map[string]string{"": "", "2": "2", "4": "4", "40": "40", "43": "43", "6": "6", "2probe": "2"} {
		if kind, _ := split([]byte(text)); kind != want {
			t.Errorf("split %q: got kind %q, want %q", text, kind, want)
		}
	}
	for _, bad := range []string{"", "[]", "[1]", "{}", `["a"`} {
		if _, _, err := readEvent([]byte(bad)); err == nil {
			t.Errorf("event %q: got no error", bad)
		}
	}
	for _, bad := range []string{"", "[]", "x[]", "1", "1{}", "99999999999999999999[]"} {
		if _, _, err := readAck([]byte(bad)); err == nil {
			t.Errorf("acknowledgement %q: got no error", bad)
		}
	}
}

// A server may say anything; nothing of it stops the program.
func FuzzPacket(f *testing.F) {
	for _, seed := range []string{`0{"pingInterval":1}`, "2", `42["a",{}]`, `431[{"ok":true}]`, `44{"message":"no"}`, "451-[]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		kind, body := split(text)
		if !strings.HasPrefix(string(text), kind) || string(text) != kind+string(body) {
			t.Fatalf("%q was split into %q and %q", text, kind, body)
		}
		if name, payload, err := readEvent(body); err == nil && payload != nil && !json.Valid(payload) {
			t.Errorf("event %q: payload %q is no JSON", name, payload)
		}
		if _, answer, err := readAck(body); err == nil && answer != nil {
			_ = readAnswer(answer, new(map[string]any)) // an error is an answer too
		}
		if readConnectRefusal(body).Code == "" {
			t.Errorf("%q is refused without a code", body)
		}
	})
}
