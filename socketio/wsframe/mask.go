package wsframe

import "encoding/binary"

// Mask applies a masking key to b in place, starting with the key's first
// byte; applying it twice gives b back (RFC 6455, section 5.3).
func Mask(b []byte, key [4]byte) {
	if len(b) >= 8 {
		word := binary.LittleEndian.Uint32(key[:])
		wide := uint64(word)<<32 | uint64(word)
		for len(b) >= 32 {
			binary.LittleEndian.PutUint64(b[0:], binary.LittleEndian.Uint64(b[0:])^wide)
			binary.LittleEndian.PutUint64(b[8:], binary.LittleEndian.Uint64(b[8:])^wide)
			binary.LittleEndian.PutUint64(b[16:], binary.LittleEndian.Uint64(b[16:])^wide)
			binary.LittleEndian.PutUint64(b[24:], binary.LittleEndian.Uint64(b[24:])^wide)
			b = b[32:]
		}
		for len(b) >= 8 {
			binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^wide)
			b = b[8:]
		}
	}
	for i := range b {
		b[i] ^= key[i&3]
	}
}
