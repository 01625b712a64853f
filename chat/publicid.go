package chat

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// PublicID is the id by which everybody knows an event: 20 characters of
// base64url, the first 15 bytes of a SHA-256 over room, user and cid. The same
// event has the same id in every copy of it.
func PublicID(room RoomID, user UserID, cid string) string {
	buf := make([]byte, 0, 128)
	buf = append(buf, "parley event v1\x00"...)
	buf = binary.BigEndian.AppendUint64(buf, uint64(room))
	buf = binary.BigEndian.AppendUint64(buf, uint64(user))
	buf = append(buf, cid...)
	return shortHash(buf)
}

// positionID is the id of a void. A void may be the copy of another event, so
// it is told apart by where its record lies.
func positionID(pos Position) string {
	buf := make([]byte, 0, 128)
	buf = append(buf, "parley void v1\x00"...)
	buf = binary.BigEndian.AppendUint32(buf, uint32(pos.Partition))
	buf = binary.BigEndian.AppendUint64(buf, uint64(pos.Offset))
	buf = append(buf, pos.Epoch...)
	return shortHash(buf)
}

func shortHash(data []byte) string {
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}
