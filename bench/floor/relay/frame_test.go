//go:build unix

package relay

import (
	"bytes"
	"testing"
)

func FuzzNextFrame(f *testing.F) {
	f.Add([]byte{0x81, 0x82, 1, 2, 3, 4, 'a' ^ 1, 'b' ^ 2})
	f.Add([]byte{0x81, 0xFE, 0, 1, 0, 0, 0, 0, 'x'})
	f.Add([]byte{0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 9, 9, 9, 9, 'x'})
	f.Fuzz(func(t *testing.T, b []byte) {
		whole := bytes.Clone(b)
		op, payload, size, err := nextFrame(b)
		if err != nil || size == 0 {
			return
		}
		if size > len(b) || len(payload) > maxPayload {
			t.Fatalf("got size %d, payload %d of %d bytes", size, len(payload), len(b))
		}
		// A frame is found only when all of it is there.
		if _, _, n, err := nextFrame(whole[:size-1]); n != 0 || err != nil {
			t.Fatalf("without its last byte: got size %d, error %v, want 0, nil", n, err)
		}
		if back := appendFrame(nil, op, payload); !bytes.HasSuffix(back, payload) || back[0]&0x0F != op {
			t.Fatalf("got %x back from %x", back, whole[:size])
		}
	})
}

func FuzzClientEvent(f *testing.F) {
	f.Add([]byte(`420["joinRoom",{"roomId":1}]`))
	f.Add([]byte(`42["x",{}]`))
	f.Fuzz(func(t *testing.T, p []byte) {
		_, _, object, err := clientEvent(p)
		if err != nil {
			return
		}
		if object[0] != '{' || object[len(object)-1] != '}' {
			t.Fatalf("got object %q from %q", object, p)
		}
		roomID(object)
	})
}
