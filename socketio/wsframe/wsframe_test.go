package wsframe

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// clientFrame builds a masked frame, with lengths as the test wants them.
func clientFrame(fin bool, op Opcode, payload string) []byte {
	b := []byte{byte(op)}
	if fin {
		b[0] |= finBit
	}
	switch n := len(payload); {
	case n <= 125:
		b = append(b, maskBit|byte(n))
	case n <= 0xFFFF:
		b = binary.BigEndian.AppendUint16(append(b, maskBit|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, maskBit|127), uint64(n))
	}
	key := [4]byte{0x37, 0xFA, 0x21, 0x3D}
	b = append(b, key[:]...)
	masked := []byte(payload)
	Mask(masked, key)
	return append(b, masked...)
}

// readAll feeds b to the reader in pieces of the given size and returns the
// messages, with their payloads as strings, until an error.
func readAll(r *Reader, b []byte, piece int) (got []string, err error) {
	var have []byte
	for len(b) > 0 || len(have) > 0 {
		n := min(piece, len(b))
		have = append(have, b[:n]...)
		b = b[n:]
		for {
			m, used, err := r.Next(have)
			if err != nil {
				return got, err
			}
			if used == 0 {
				break
			}
			if m.Op != Continuation {
				got = append(got, fmt.Sprintf("%d:%s", m.Op, m.Payload))
			}
			have = have[used:]
		}
		if n == 0 {
			return got, fmt.Errorf("%d bytes left over", len(have))
		}
	}
	return got, nil
}

func join(frames ...[]byte) []byte { return bytes.Join(frames, nil) }

func TestReader(t *testing.T) {
	long := strings.Repeat("x", 70_000)
	tests := []struct {
		name string
		in   []byte
		want []string
	}{
		{"text", clientFrame(true, Text, "Hello"), []string{"1:Hello"}},
		{"the example of RFC 6455 5.7", []byte{0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}, []string{"1:Hello"}},
		{"empty", clientFrame(true, Text, ""), []string{"1:"}},
		{"binary", clientFrame(true, Binary, "\x00\xff"), []string{"2:\x00\xff"}},
		{"16-bit length", clientFrame(true, Text, long[:126]), []string{"1:" + long[:126]}},
		{"64-bit length", clientFrame(true, Text, long), []string{"1:" + long}},
		{"two in one read", join(clientFrame(true, Text, "a"), clientFrame(true, Text, "b")), []string{"1:a", "1:b"}},
		{"fragments", join(clientFrame(false, Text, "a"), clientFrame(false, Continuation, "b"), clientFrame(true, Continuation, "c")), []string{"1:abc"}},
		{"a rune across fragments", join(clientFrame(false, Text, "\xe2\x82"), clientFrame(true, Continuation, "\xac")), []string{"1:€"}},
		{"ping between fragments", join(clientFrame(false, Text, "a"), clientFrame(true, Ping, "p"), clientFrame(true, Continuation, "b")), []string{"9:p", "1:ab"}},
		{"message after a fragmented one", join(clientFrame(false, Binary, "a"), clientFrame(true, Continuation, "b"), clientFrame(true, Text, "c")), []string{"2:ab", "1:c"}},
		{"close without a code", clientFrame(true, Close, ""), []string{"8:"}},
		{"close with a reason", clientFrame(true, Close, "\x03\xe8bye"), []string{"8:\x03\xe8bye"}},
	}
	for _, test := range tests {
		for _, piece := range []int{1, 3, 1 << 20} {
			t.Run(fmt.Sprintf("%s/%d", test.name, piece), func(t *testing.T) {
				r := NewReader(100_000)
				got, err := readAll(&r, test.in, piece)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("messages (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	unmasked := []byte{0x81, 0x01, 'a'}
	tests := []struct {
		name string
		in   []byte
		want CloseCode
	}{
		{"unmasked", unmasked, CloseProtocolError},
		{"reserved bit", append([]byte{0xC1}, clientFrame(true, Text, "a")[1:]...), CloseProtocolError},
		{"reserved opcode 3", clientFrame(true, 3, "a"), CloseProtocolError},
		{"reserved opcode 11", clientFrame(true, 11, ""), CloseProtocolError},
		{"fragmented ping", clientFrame(false, Ping, ""), CloseProtocolError},
		{"long ping", clientFrame(true, Ping, strings.Repeat("p", 126)), CloseProtocolError},
		{"continuation without a beginning", clientFrame(true, Continuation, "a"), CloseProtocolError},
		{"text inside a fragmented message", join(clientFrame(false, Text, "a"), clientFrame(true, Text, "b")), CloseProtocolError},
		{"16-bit length that is not minimal", []byte{0x81, 0xFE, 0, 125, 0, 0, 0, 0}, CloseProtocolError},
		{"64-bit length that is not minimal", []byte{0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, CloseProtocolError},
		{"length with its highest bit set", []byte{0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0}, CloseProtocolError},
		{"length of 2^63-1, header not even complete", []byte{0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, CloseTooLarge},
		{"one byte too long", clientFrame(true, Text, strings.Repeat("x", 1001)), CloseTooLarge},
		{"fragments too long together", join(clientFrame(false, Text, strings.Repeat("x", 600)), clientFrame(true, Continuation, strings.Repeat("x", 401))), CloseTooLarge},
		{"text that is not UTF-8", clientFrame(true, Text, "\xff"), CloseInvalidData},
		{"half a rune at the end of fragments", join(clientFrame(false, Text, "\xe2"), clientFrame(true, Continuation, "\x82")), CloseInvalidData},
		{"close with half a code", clientFrame(true, Close, "\x03"), CloseProtocolError},
		{"close with code 1005", clientFrame(true, Close, "\x03\xed"), CloseProtocolError},
		{"close with code 999", clientFrame(true, Close, "\x03\xe7"), CloseProtocolError},
		{"close with code 2999", clientFrame(true, Close, "\x0b\xb7"), CloseProtocolError},
		{"close with a reason that is not UTF-8", clientFrame(true, Close, "\x03\xe8\xff"), CloseInvalidData},
		{"flood of empty fragments", join(clientFrame(false, Text, ""), bytes.Repeat(clientFrame(false, Continuation, ""), 100)), ClosePolicy},
		{"flood of tiny fragments", join(clientFrame(false, Text, "x"), bytes.Repeat(clientFrame(false, Continuation, "x"), 100)), ClosePolicy},
		{"flood of pings", bytes.Repeat(clientFrame(true, Ping, ""), 100), ClosePolicy},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewReader(1000)
			_, err := readAll(&r, test.in, 1<<20)
			var refusal *Error
			if !errors.As(err, &refusal) || refusal.Code != test.want {
				t.Errorf("got error %v, want one with code %d", err, test.want)
			}
		})
	}
}

func TestReaderTakesHonestFragments(t *testing.T) {
	r := NewReader(1 << 20)
	in := clientFrame(false, Binary, strings.Repeat("x", 256))
	for range 1000 {
		in = append(in, clientFrame(false, Continuation, strings.Repeat("x", 256))...)
	}
	in = append(in, clientFrame(true, Continuation, "")...)
	got, err := readAll(&r, in, 1<<20)
	if err != nil || len(got) != 1 || len(got[0]) != len("2:")+1001*256 {
		t.Errorf("got %d messages and error %v, want one of %d bytes", len(got), err, 1001*256)
	}
}

func TestRefill(t *testing.T) {
	r := NewReader(100)
	flood := bytes.Repeat(clientFrame(true, Ping, "p"), controlBudget)
	for range 3 {
		if _, err := readAll(&r, bytes.Clone(flood), 1<<20); err != nil {
			t.Fatal(err)
		}
		r.Refill()
	}
}

func TestEncodeDecode(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 0xFFFF, 0x10000} {
		payload := bytes.Repeat([]byte{'x'}, n)
		frame := Encode(Binary, payload)
		if got, want := len(frame), HeaderSize(n)+n; got != want {
			t.Errorf("frame of %d: got %d bytes, want %d", n, got, want)
		}
		op, got := Decode(frame)
		if op != Binary || !bytes.Equal(got, payload) {
			t.Errorf("frame of %d: got opcode %d and %d bytes", n, op, len(got))
		}
	}
	if got, want := Encode(Text, []byte("Hello")), []byte("\x81\x05Hello"); !bytes.Equal(got, want) {
		t.Errorf("got % x, want % x", got, want)
	}
	if got := EncodeClose(ClosePolicy, strings.Repeat("r", 200)); len(got) != 2+maxControl {
		t.Errorf("close frame with a long reason: got %d bytes, want %d", len(got), 2+maxControl)
	}
}

func TestMask(t *testing.T) {
	key := [4]byte{1, 2, 3, 4}
	for n := range 100 {
		want := make([]byte, n)
		for i := range want {
			want[i] = byte(i) ^ key[i%4]
		}
		got := make([]byte, n)
		for i := range got {
			got[i] = byte(i)
		}
		Mask(got, key)
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes: got % x, want % x", n, got, want)
		}
	}
}

// FuzzReader checks that what a peer sends can be read in any pieces, with the
// same result, and within the limit.
func FuzzReader(f *testing.F) {
	f.Add(clientFrame(true, Text, "Hello"), uint8(3))
	f.Add(join(clientFrame(false, Text, "a"), clientFrame(true, Ping, ""), clientFrame(true, Continuation, "b")), uint8(1))
	f.Add([]byte{0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, uint8(2))
	f.Add(clientFrame(true, Close, "\x03\xe8"), uint8(0))
	f.Fuzz(func(t *testing.T, in []byte, piece uint8) {
		whole, pieces := NewReader(512), NewReader(512)
		want, wantErr := readAll(&whole, bytes.Clone(in), len(in)+1)
		got, gotErr := readAll(&pieces, bytes.Clone(in), int(piece)+1)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in pieces of %d (-whole +pieces):\n%s", int(piece)+1, diff)
		}
		if fmt.Sprint(wantErr) != fmt.Sprint(gotErr) {
			t.Errorf("in pieces of %d: got error %v, want %v", int(piece)+1, gotErr, wantErr)
		}
		for _, m := range got {
			if len(m) > 512+3 {
				t.Errorf("got a message of %d bytes, want at most 512", len(m))
			}
		}
	})
}

func BenchmarkEncodeText(b *testing.B) {
	payload := bytes.Repeat([]byte{'x'}, 200)
	b.ReportAllocs()
	for b.Loop() {
		Encode(Text, payload)
	}
}

func BenchmarkReader(b *testing.B) {
	for _, size := range []int{20, 200, 10_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			frame := clientFrame(true, Text, strings.Repeat("x", size))
			in := make([]byte, len(frame))
			r := NewReader(1 << 20)
			b.ReportAllocs()
			b.SetBytes(int64(len(frame)))
			for b.Loop() {
				copy(in, frame)
				if _, n, err := r.Next(in); n != len(in) || err != nil {
					b.Fatal(n, err)
				}
			}
		})
	}
}
