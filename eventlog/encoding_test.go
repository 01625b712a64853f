package eventlog

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestHeaderLayout holds the layout that files have.
func TestHeaderLayout(t *testing.T) {
	for _, test := range []struct {
		headers []Header
		want    string
	}{
		{nil, ""},
		{[]Header{}, ""},
		{[]Header{{}}, "01 00 00"},
		{[]Header{{Key: "v", Value: []byte("1")}, {Key: "kind"}}, "02 01 76 01 31 04 6b 69 6e 64 00"},
		{[]Header{{Value: bytes.Repeat([]byte{7}, 130)}}, "01 00 82 01" + strings.Repeat(" 07", 130)},
	} {
		want, err := hex.DecodeString(strings.ReplaceAll(test.want, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		got := appendHeaders(nil, test.headers)
		if !bytes.Equal(got, want) {
			t.Errorf("encoding of %q: got %x, want %x", test.headers, got, want)
		}
		back, err := decodeHeaders(got)
		if err != nil {
			t.Errorf("decoding of %x: got %v, want no error", got, err)
		}
		if diff := cmp.Diff(test.headers, back, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("headers (-want +got):\n%s", diff)
		}
	}
}

func TestHeadersMalformed(t *testing.T) {
	for name, encoded := range map[string]string{
		"no header":          "00",
		"one header, none":   "01",
		"name without value": "01 01 61",
		"name too long":      "01 05 61 00",
		"value too long":     "01 00 02 61",
		"huge count":         "ff ff ff ff 0f 00 00",
		"huge length":        "01 ff ff ff ff ff ff ff ff ff 01",
		"endless number":     "ff ff ff ff ff ff ff ff ff ff ff",
		"bytes behind":       "01 00 00 00",
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(encoded, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if headers, err := decodeHeaders(b); !errors.Is(err, errHeaders) {
			t.Errorf("%s: got %q and %v, want %v", name, headers, err, errHeaders)
		}
	}
}

func FuzzDecodeHeaders(f *testing.F) {
	f.Add([]byte{})
	f.Add(appendHeaders(nil, []Header{{Key: "v", Value: []byte("1")}, {}}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		headers, err := decodeHeaders(encoded)
		if err != nil {
			return
		}
		again, err := decodeHeaders(appendHeaders(nil, headers))
		if err != nil {
			t.Fatalf("decoding what was encoded from %q: %v", headers, err)
		}
		if diff := cmp.Diff(headers, again, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("headers (-first +again):\n%s", diff)
		}
	})
}

// TestChecksum holds the value that files have, and sees that nothing of a
// record is left out of it.
func TestChecksum(t *testing.T) {
	sum := checksum(7, 1700000000123, []byte("key"), []byte{1, 0, 0}, []byte("value"))
	if want := uint32(0x4090a450); sum != want {
		t.Errorf("checksum: got %#08x, want %#08x", sum, want)
	}
	for name, other := range map[string]uint32{
		"offset":   checksum(8, 1700000000123, []byte("key"), []byte{1, 0, 0}, []byte("value")),
		"time":     checksum(7, 1700000000124, []byte("key"), []byte{1, 0, 0}, []byte("value")),
		"key":      checksum(7, 1700000000123, []byte("kez"), []byte{1, 0, 0}, []byte("value")),
		"headers":  checksum(7, 1700000000123, []byte("key"), []byte{1, 0, 1}, []byte("value")),
		"value":    checksum(7, 1700000000123, []byte("key"), []byte{1, 0, 0}, []byte("valuf")),
		"boundary": checksum(7, 1700000000123, []byte("key\x01"), []byte{0, 0}, []byte("value")),
	} {
		if other == sum {
			t.Errorf("checksum with another %s: got the same", name)
		}
	}
}
