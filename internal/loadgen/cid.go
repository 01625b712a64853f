package loadgen

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// cids makes and reads the ids of a run's messages: UUIDv7 (RFC 9562, section
// 5.7) because a server keeps those of the last minutes in memory, whose random
// bits are a mark of the run and the message's number:
//
//	<48 bits ms>-7<12 bits mark>-8<12 bits mark>-<48 bits number>
type cids struct {
	mark string // "7xxx-8xxx"
}

func newCIDs() cids {
	r := rand.Uint32()
	return cids{fmt.Sprintf("7%03x-8%03x", r&0xFFF, r>>12&0xFFF)}
}

func (c cids) make(now time.Time, number int64) string {
	ms := uint64(now.UnixMilli()) & (1<<48 - 1)
	return fmt.Sprintf("%08x-%04x-%s-%012x", ms>>16, ms&0xFFFF, c.mark, number)
}

// number tells which message of this run a cid names; false for any other's.
func (c cids) number(cid []byte) (int64, bool) {
	if len(cid) != 36 || string(cid[14:23]) != c.mark {
		return 0, false
	}
	n, err := strconv.ParseInt(string(cid[24:]), 16, 64)
	return n, err == nil && n >= 0
}
