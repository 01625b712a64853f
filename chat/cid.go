package chat

import (
	"encoding/hex"

	"github.com/google/uuid"
)

// NewCID makes a cid for an event whose sender gave none.
func NewCID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	return id.String(), nil
}

// CheckCID refuses what cannot be a cid: 1 to [MaxCIDChars] characters of
// A–Z a–z 0–9 _ -. Case matters.
func CheckCID(cid string) error {
	if cid == "" || len(cid) > MaxCIDChars {
		return Errorf(Invalid, "a cid has 1 to %d characters", MaxCIDChars)
	}
	for _, c := range []byte(cid) {
		if !isBase64URL(c) {
			return Errorf(Invalid, "a cid is made of A-Z a-z 0-9 _ and -")
		}
	}
	return nil
}

// CIDTime is the time, in ms UTC, that a cid says it was made. Only a UUIDv7
// (RFC 9562, 5.7) in its usual form with lower-case letters says one.
func CIDTime(cid string) (ms int64, isV7 bool) {
	id, ok := parseUUID(cid)
	if !ok {
		return 0, false
	}
	return uuidTime(&id)
}

func uuidTime(id *[16]byte) (ms int64, isV7 bool) {
	if id[6]>>4 != 7 || id[8]>>6 != 2 {
		return 0, false
	}
	for _, b := range id[:6] {
		ms = ms<<8 | int64(b)
	}
	return ms, true
}

// parseUUID reads the form 8-4-4-4-12 with lower-case letters alone, so that a
// UUID has one text and [formatUUID] gives back the same.
func parseUUID(s string) (id [16]byte, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	at := 0
	for i := range id {
		if s[at] == '-' {
			at++
		}
		high, low := hexDigit(s[at]), hexDigit(s[at+1])
		if high > 15 || low > 15 {
			return [16]byte{}, false
		}
		id[i] = high<<4 | low
		at += 2
	}
	return id, true
}

func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

func formatUUID(id [16]byte) string {
	var text [36]byte
	hex.Encode(text[0:8], id[0:4])
	text[8] = '-'
	hex.Encode(text[9:13], id[4:6])
	text[13] = '-'
	hex.Encode(text[14:18], id[6:8])
	text[18] = '-'
	hex.Encode(text[19:23], id[8:10])
	text[23] = '-'
	hex.Encode(text[24:36], id[10:16])
	return string(text[:])
}
