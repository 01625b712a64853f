package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// Headers lie in the file as one value, empty when there are none:
//
//	uvarint  number of headers, at least 1
//	then for each of them
//	uvarint  length of the name, and the name
//	uvarint  length of the value, and the value
//
// A uvarint is that of encoding/binary. Nothing may follow. The layout belongs
// to the version of the file; there is no version of its own.

// appendHeaders appends the encoded headers to b.
func appendHeaders(b []byte, headers []Header) []byte {
	if len(headers) == 0 {
		return b
	}
	b = binary.AppendUvarint(b, uint64(len(headers)))
	for i := range headers {
		b = binary.AppendUvarint(b, uint64(len(headers[i].Key)))
		b = append(b, headers[i].Key...)
		b = binary.AppendUvarint(b, uint64(len(headers[i].Value)))
		b = append(b, headers[i].Value...)
	}
	return b
}

var errHeaders = errors.New("malformed headers")

// decodeHeaders decodes what appendHeaders has made. The values are parts of
// encoded, the names are not.
func decodeHeaders(encoded []byte) ([]Header, error) {
	if len(encoded) == 0 {
		return nil, nil
	}
	// The names are parts of one string: one allocation for all of them.
	text := string(encoded)
	at := 0
	number := func() (int, bool) {
		n, size := binary.Uvarint(encoded[at:])
		if size <= 0 || n > uint64(len(encoded)) {
			return 0, false
		}
		at += size
		return int(n), true
	}
	// span consumes a length and that many bytes, and returns where they are.
	span := func() (from, to int, ok bool) {
		n, ok := number()
		if !ok || n > len(encoded)-at {
			return 0, 0, false
		}
		at += n
		return at - n, at, true
	}

	count, ok := number()
	// A header takes two bytes at least: a false count allocates little.
	if !ok || count == 0 || count > (len(encoded)-at)/2 {
		return nil, fmt.Errorf("%w: bad count", errHeaders)
	}
	headers := make([]Header, count)
	for i := range headers {
		from, to, ok := span()
		if !ok {
			return nil, fmt.Errorf("%w: name of header %d", errHeaders, i)
		}
		headers[i].Key = text[from:to]
		if from, to, ok = span(); !ok {
			return nil, fmt.Errorf("%w: value of header %d", errHeaders, i)
		}
		headers[i].Value = encoded[from:to:to]
	}
	if at != len(encoded) {
		return nil, fmt.Errorf("%w: %d bytes behind the last one", errHeaders, len(encoded)-at)
	}
	return headers, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the CRC-32C of a record as it lies in the file: offset,
// milliseconds, and the lengths of the three values as big-endian 64-bit
// integers, then the values. SQLite keeps no checksum of its pages, so without
// it a flipped bit would be followed as if someone had written it.
func checksum(offset, at int64, key, headers, value []byte) uint32 {
	var fixed [40]byte
	binary.BigEndian.PutUint64(fixed[0:], uint64(offset))
	binary.BigEndian.PutUint64(fixed[8:], uint64(at))
	binary.BigEndian.PutUint64(fixed[16:], uint64(len(key)))
	binary.BigEndian.PutUint64(fixed[24:], uint64(len(headers)))
	binary.BigEndian.PutUint64(fixed[32:], uint64(len(value)))
	sum := crc32.Update(0, castagnoli, fixed[:])
	sum = crc32.Update(sum, castagnoli, key)
	sum = crc32.Update(sum, castagnoli, headers)
	return crc32.Update(sum, castagnoli, value)
}
