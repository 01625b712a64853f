package client

import (
	"bytes"
	"testing"
)

// FuzzParse: a packet is read or refused, and what was read makes sense.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"2", "1", `0{"sid":"x"}`, `40{"sid":"y"}`, `44{"message":"no"}`, "41", `42["a",{"b":1}]`, `4312[{"ok":true}]`, "43[]", "4", ""} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parse(raw)
		if err == nil && (p.kind == event) != (p.Event != "") {
			t.Errorf("got kind %d with the name %q", p.kind, p.Event)
		}
	})
}

// FuzzReadFrame: a frame is read or refused; it never takes more than it holds.
func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("\x81\x05hello"))
	f.Add([]byte("\x81\x7e\x00\x80"))
	f.Add([]byte("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, payload, err := readFrame(bytes.NewReader(raw))
		if err == nil && len(payload) > len(raw) {
			t.Errorf("got %d bytes out of %d", len(payload), len(raw))
		}
	})
}
