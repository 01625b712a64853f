//go:build unix

package loadgen_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleychat/parley/internal/loadgen"
)

// tampered puts a liar between the generator and the server at url: every text
// frame to connection conn, counted from 0, is replaced by those that edit
// returns. Calls of edit do not overlap.
func tampered(t *testing.T, url string, edit func(conn int, packet string) []string) string {
	t.Helper()
	var mu sync.Mutex
	conns := 0
	ln := listen(t)
	forward(t, ln, strings.TrimPrefix(url, "http://"), func(client io.Writer, server io.Reader) (int64, error) {
		mu.Lock()
		conn := conns
		conns++
		mu.Unlock()
		if err := passHead(client, server); err != nil {
			return 0, err
		}
		for {
			packet, err := readText(server)
			if err != nil {
				return 0, err
			}
			mu.Lock()
			packets := edit(conn, packet)
			mu.Unlock()
			for _, p := range packets {
				if _, err := client.Write(textFrame(p)); err != nil {
					return 0, err
				}
			}
		}
	})
	return "http://" + ln.Addr().String()
}

func passHead(client io.Writer, server io.Reader) error {
	var head []byte
	for b := make([]byte, 1); !strings.HasSuffix(string(head), "\r\n\r\n"); head = append(head, b...) {
		if _, err := server.Read(b); err != nil {
			return err
		}
	}
	_, err := client.Write(head)
	return err
}

func readText(server io.Reader) (string, error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(server, head); err != nil {
		return "", err
	}
	n := int(head[1])
	if n == 126 {
		if _, err := io.ReadFull(server, head); err != nil {
			return "", err
		}
		n = int(binary.BigEndian.Uint16(head))
	}
	payload := make([]byte, n)
	_, err := io.ReadFull(server, payload)
	return string(payload), err
}

func textFrame(packet string) []byte {
	b := []byte{0x81, 126}
	b = binary.BigEndian.AppendUint16(b, uint16(len(packet)))
	return append(b, packet...)
}

var seqField = regexp.MustCompile(`"seq":(\d+)`)

// moved changes the seq of an event.
func moved(packet string, by int) string {
	return seqField.ReplaceAllStringFunc(packet, func(field string) string {
		seq, _ := strconv.Atoi(strings.TrimPrefix(field, `"seq":`))
		return fmt.Sprintf(`"seq":%d`, seq+by)
	})
}

// seqOf is the seq of an event, 0 of anything else.
func seqOf(packet string) int {
	if !strings.HasPrefix(packet, `42["receiveMessage"`) {
		return 0
	}
	return seqIn(packet)
}

// seqIn is the seq that an event or an answer tells, 0 of anything else.
func seqIn(packet string) int {
	m := seqField.FindStringSubmatch(packet)
	if m == nil {
		return 0
	}
	seq, _ := strconv.Atoi(m[1])
	return seq
}

// drain is how long a case waits for what its liar has left out; on a busy
// machine, also for what comes late.
const drain = 2 * time.Second

// The floor writes its answers behind a batch of up to 16 events, so between
// an event and its answer others may stand; no case below may count on less.

// A lie is what one misbehaving server tells; every one must be caught, and
// under its own name.
func TestLiesAreCaught(t *testing.T) {
	tests := []struct {
		name string
		edit func(held map[int][]string, conn int, p string) []string // held: by connection
		want string                                                   // a rule that must be reported
		// alone: one socket, so that the fifth event is surely the fifth send.
		alone bool
	}{
		{"hole at one socket", func(held map[int][]string, conn int, p string) []string {
			if conn == 1 && seqOf(p) == 5 {
				return nil
			}
			return []string{p}
		}, "contiguous", false},
		{"double at one socket", func(held map[int][]string, conn int, p string) []string {
			if conn == 1 && seqOf(p) == 5 {
				return []string{p, p}
			}
			return []string{p}
		}, "contiguous", false},
		{"two exchanged at one socket", func(held map[int][]string, conn int, p string) []string {
			switch seq := seqOf(p); {
			case conn == 1 && seq == 5:
				held[conn] = []string{p}
				return nil
			case conn == 1 && seq == 6:
				return append([]string{p}, take(held, conn)...)
			}
			return []string{p}
		}, "contiguous", false},
		{"two exchanged and numbered anew at one socket", func(held map[int][]string, conn int, p string) []string {
			switch seq := seqOf(p); {
			case conn == 1 && seq == 5:
				held[conn] = []string{moved(p, 1)}
				return nil
			case conn == 1 && seq == 6:
				return append([]string{moved(p, -1)}, take(held, conn)...)
			}
			return []string{p}
		}, "one seq", false},
		{"lost for everybody, numbered anew", func(_ map[int][]string, _ int, p string) []string {
			switch seq := seqOf(p); {
			case seq == 5:
				return nil
			case seq > 5:
				return []string{moved(p, -1)}
			}
			return []string{p}
		}, "complete", false},
		{"lost at one socket, numbered anew", func(held map[int][]string, conn int, p string) []string {
			switch seq := seqOf(p); {
			case conn == 1 && seq == 60:
				return nil // the last one: nothing else can tell
			}
			return []string{p}
		}, "complete", false},
		{"doubled for everybody, numbered anew", func(_ map[int][]string, _ int, p string) []string {
			switch seq := seqOf(p); {
			case seq == 5:
				return []string{p, moved(p, 1)}
			case seq > 5:
				return []string{moved(p, 1)}
			}
			return []string{p}
		}, "one seq", false},
		{"a sender's messages exchanged for everybody", func(held map[int][]string, conn int, p string) []string {
			switch seq := seqOf(p); {
			case seq == 5:
				held[conn] = []string{moved(p, 2)}
				return nil
			case seq == 6:
				held[conn] = []string{p, held[conn][0]}
				return nil
			case seq == 7:
				return append([]string{moved(p, -2)}, take(held, conn)...)
			}
			return []string{p}
		}, "sender order", true},
		{"somebody else's in its place", func(_ map[int][]string, _ int, p string) []string {
			if seqOf(p) == 5 {
				return []string{strings.Replace(p, `"cid":"`, `"cid":"x`, 1)}
			}
			return []string{p}
		}, "complete", false},
		{"announced gap", func(held map[int][]string, conn int, p string) []string {
			if conn == 1 && seqOf(p) == 5 {
				return []string{`42["receiveMessage",{"kind":"gap","room":1,"from":5,"to":5}]`, p}
			}
			return []string{p}
		}, "stream", false},
		{"problem", func(held map[int][]string, conn int, p string) []string {
			if conn == 1 && seqOf(p) == 5 {
				return []string{`42["problem",{"code":"slow"}]`, p}
			}
			return []string{p}
		}, "open", false},
		{"disconnect", func(held map[int][]string, conn int, p string) []string {
			if conn == 1 && seqOf(p) == 60 {
				return []string{p, "41"}
			}
			return []string{p}
		}, "open", false},
		{"refused and sent on", func(_ map[int][]string, _ int, p string) []string {
			if strings.HasPrefix(p, "4310[") {
				return []string{`4310[{"ok":false,"error":{"code":"forbidden"}}]`}
			}
			return []string{p}
		}, "refused", false},
		{"acknowledged before the event", func(held map[int][]string, conn int, p string) []string {
			switch {
			case strings.HasPrefix(p, "435["): // of the message with seq 5
				return append([]string{p}, take(held, conn)...)
			case conn == 0 && (seqOf(p) == 5 || len(held[conn]) > 0):
				held[conn] = append(held[conn], p) // others may come in between
				return nil
			}
			return []string{p}
		}, "ack", true},
		{"acknowledged twice", func(_ map[int][]string, _ int, p string) []string {
			if strings.HasPrefix(p, "4310[") {
				return []string{p, p}
			}
			return []string{p}
		}, "ack", false},
		{"never acknowledged", func(_ map[int][]string, _ int, p string) []string {
			if strings.HasPrefix(p, "4310[") {
				return nil
			}
			return []string{p}
		}, "complete", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			held := make(map[int][]string)
			cfg := short(loadgen.OneRoom, tampered(t, startFloor(t), func(conn int, p string) []string {
				return tt.edit(held, conn, p)
			}))
			cfg.Sockets, cfg.Dialers, cfg.Drain = 2, 1, drain
			if tt.alone {
				cfg.Sockets = 1
			}
			cfg.Stage = acknowledging{}
			res := mustRun(t, cfg)
			var got []string
			for _, v := range res.Violations {
				got = append(got, v.Rule)
			}
			if !slices.Contains(got, tt.want) {
				t.Errorf("got rules %q, want %q among them", got, tt.want)
			}
		})
	}
}

// With two rooms the messages alternate between them.
func TestWrongRoomIsCaught(t *testing.T) {
	cfg := short(loadgen.ManyRooms, tampered(t, startFloor(t), func(conn int, p string) []string {
		if conn == 1 && seqOf(p) == 5 {
			return []string{strings.Replace(p, `09"`, `08"`, 1)} // the fifth of the second room is number 9
		}
		return []string{p}
	}))
	cfg.Sockets, cfg.Rooms, cfg.Dialers, cfg.Drain = 2, 2, 1, drain
	res := mustRun(t, cfg)
	if len(res.Violations) == 0 || res.Violations[0].Rule != "own room" {
		t.Errorf("got %+v, want the rule %q first", res.Violations, "own room")
	}
}

// An honest middleman breaks nothing, acknowledgements included.
func TestTruthPasses(t *testing.T) {
	cfg := short(loadgen.OneRoom, tampered(t, startFloor(t), func(_ int, p string) []string { return []string{p} }))
	cfg.Stage = acknowledging{}
	res := mustRun(t, cfg)
	wantOK(t, res)
	if got, want := res.Answer.Count, int64(50); got != want {
		t.Errorf("measured answers: got %d, want %d", got, want)
	}
}

// What was refused and never came is no broken rule, but it is told.
func TestRefusalIsTold(t *testing.T) {
	cfg := short(loadgen.OneRoom, tampered(t, startFloor(t), func(_ int, p string) []string {
		switch {
		case strings.HasPrefix(p, "4310["):
			return []string{`4310[{"ok":false,"error":{"code":"busy","retryAfter":1}}]`}
		case seqOf(p) == 10: // the message whose answer is number 10
			return nil
		case !strings.HasPrefix(p, "430[") && seqIn(p) > 10:
			return []string{moved(p, -1)}
		}
		return []string{p}
	}))
	cfg.Sockets = 1
	cfg.Stage = acknowledging{}
	res := mustRun(t, cfg)
	wantOK(t, res)
	if got, want := res.Refused["busy"], 1; got != want {
		t.Errorf("refused as busy: got %d, want %d", got, want)
	}
	if len(res.Warnings) == 0 {
		t.Error("got no warning about refused sends")
	}
}

func take(held map[int][]string, conn int) []string {
	packets := held[conn]
	delete(held, conn)
	return packets
}

// acknowledging is a bare server that answers sends.
type acknowledging struct{ loadgen.Bare }

func (acknowledging) Terms() loadgen.Terms {
	return loadgen.Terms{Acknowledges: true, SocketsPerPerson: 50}
}
