package engineio

import (
	"bytes"
	"testing"

	"github.com/parleychat/parley/socketio/wsframe"
)

func FuzzPacket(f *testing.F) {
	for _, seed := range []string{"4hello", "1", "2probe", "3", "5", "", "4", "b", "0{}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := parsePacket(in)
		if err != nil {
			return
		}
		if p.kind != in[0] || !bytes.Equal(p.data, in[1:]) || p.binary {
			t.Errorf("parsePacket(%q): got %+v", in, p)
		}
	})
}

// FuzzPayload checks that what is taken apart can be put together again.
func FuzzPayload(f *testing.F) {
	for _, seed := range []string{"4hello", "4a\x1e4b", "4hello\x1ebAQIDBA==", "b", "\x1e", "1\x1e3\x1e2probe", "b000\n0"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var again []byte
		err := eachPacket(bytes.Clone(in), func(p packet) bool {
			var frame []byte
			switch {
			case p.binary:
				frame = BinaryFrame(p.data)
			case p.kind == packetMessage:
				frame = TextFrame(p.data)
			default:
				frame = wsframe.Encode(wsframe.Text, append([]byte{p.kind}, p.data...))
			}
			again = appendPart(again, frame)
			return true
		})
		// Lines in base64 are allowed, and the only thing that may be lost.
		var want [][]byte
		for _, part := range bytes.Split(in, []byte{separator}) {
			if bytes.HasPrefix(part, []byte{'b'}) {
				part = bytes.ReplaceAll(bytes.ReplaceAll(part, []byte{'\n'}, nil), []byte{'\r'}, nil)
			}
			want = append(want, part)
		}
		if err == nil && !bytes.Equal(again, bytes.Join(want, []byte{separator})) {
			t.Errorf("got %q, want %q", again, in)
		}
	})
}
