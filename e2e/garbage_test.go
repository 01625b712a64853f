package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

var garbageSeed = flag.Uint64("garbage.seed", 0, "repeat the garbage of this seed; 0: other garbage each time")

// mark stands in everything secret or said that the garbage contains. It must
// not come out anywhere.
const mark = "xyzzy-plugh"

// TestGarbage pours garbage into every socket and REST input, from many
// connections at once, while three people talk: they lose nothing, and get
// everything once and in order. The process lives, with bounded memory and
// descriptors, and its log has nothing of what was said.
func TestGarbage(t *testing.T) {
	seed := *garbageSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("go test -run TestGarbage -garbage.seed=%d", seed)

	server := rig.Serve(t)
	honest := server.People("anna", "ben", "carl")
	room := honest[0].CreateRoom("honest")
	talk := listenTo(t, honest, room.ID)
	vandals := server.Crowd("vandal", 4)
	for _, vandal := range vandals {
		vandal.Connect().Join(room.ID) // they may be here, and write
	}
	before, pid := server.Usage(), server.Pid()

	stop := make(chan struct{})
	var talking sync.WaitGroup
	talking.Go(func() { talk.goOn(stop) })
	pour(t, server, vandals, room.ID, seed)
	close(stop)
	talking.Wait()
	talk.judge(t)

	if !server.Running() || server.Pid() != pid {
		t.Fatal("the process ended")
	}
	t.Logf("before: %+v, after: %+v", before, server.Usage())
	if got := server.Usage().Peak; got > before.Peak+256<<20 {
		t.Errorf("memory: %d MiB at most, before the garbage %d MiB", got>>20, before.Peak>>20)
	}
	rig.Eventually(t, "the end of the garbage's connections", func() bool {
		return server.Usage().Descriptors <= before.Descriptors+10
	})
	log := server.Log()
	t.Logf("the log has %d lines, %d bytes", strings.Count(log, "\n"), len(log))
	if at := strings.Index(log, mark); at >= 0 {
		t.Errorf("the log has what was said: …%s…", log[max(0, at-300):min(len(log), at+100)])
	}
	for _, word := range []string{"panic", "goroutine "} {
		if at := strings.Index(log, word); at >= 0 {
			t.Errorf("the log says %s", log[max(0, at-300):min(len(log), at+1000)])
		}
	}
	for _, vandal := range vandals {
		if strings.Contains(log, vandal.Token) {
			t.Error("the log has a token")
		}
	}
	server.Stop()
}

// conversation is what three people say to each other: one by WebSocket, one by
// long-polling, one who upgrades while they talk.
type conversation struct {
	room    int64
	sockets []*rig.Socket
	heads   []uint64
	acks    [][]protocol.SendAck
	errs    []error
}

func listenTo(t *testing.T, people []*rig.Person, room int64) *conversation {
	c := &conversation{room: room, sockets: []*rig.Socket{people[0].Connect(), people[1].ConnectPolling(), people[2].ConnectPolling()}}
	for _, socket := range c.sockets {
		c.heads = append(c.heads, socket.Join(room).Head.Seq)
	}
	c.acks, c.errs = make([][]protocol.SendAck, len(people)), make([]error, len(people))
	return c
}

// goOn lets all of them talk until stop, and each say 20 things at least.
func (c *conversation) goOn(stop <-chan struct{}) {
	var all sync.WaitGroup
	for i, socket := range c.sockets {
		all.Go(func() {
			for n := 0; c.errs[i] == nil; n++ {
				if i == 2 && n == 10 {
					c.errs[i] = socket.Upgrade()
				}
				ack, err := socket.SayAtLast(c.room, fmt.Sprintf("honest %d %d %s", i, n, mark), rig.NewCID())
				if err != nil {
					c.errs[i] = err
					return
				}
				c.acks[i] = append(c.acks[i], ack)
				select {
				case <-stop:
					if n >= 20 {
						return
					}
				case <-time.After(50 * time.Millisecond): // no faster than people may for long
				}
			}
		})
	}
	all.Wait()
}

// judge wants everybody to have heard everything once, in order.
func (c *conversation) judge(t *testing.T) {
	t.Helper()
	var last uint64
	for i, err := range c.errs {
		if err != nil {
			t.Fatalf("person %d: %v", i, err)
		}
		t.Logf("person %d said %d things", i, len(c.acks[i]))
		last = max(last, c.acks[i][len(c.acks[i])-1].Seq)
	}
	for i, socket := range c.sockets {
		socket.AwaitSeq(c.room, last)
		events := socket.InRoom(c.room)
		if err := rig.Contiguous(events); err != nil {
			t.Errorf("person %d: %v", i, err)
		}
		if events[0].Seq != c.heads[i]+1 {
			t.Errorf("person %d joined at %d and heard from %d on", i, c.heads[i], events[0].Seq)
		}
		heard := make(map[string]place)
		for _, ev := range rig.Messages(events) {
			heard[ev.ID] = place{ev.ID, ev.Seq, ev.Cursor, ev.At}
		}
		for j, acks := range c.acks {
			var said, got []place
			for _, ack := range acks {
				said = append(said, place{ack.ID, ack.Seq, ack.Cursor, ack.At})
				got = append(got, heard[ack.ID])
			}
			if diff := cmp.Diff(said, got); diff != "" {
				t.Errorf("what person %d heard of person %d (-said +heard):\n%.1000s", i, j, diff)
			}
		}
	}
}

// pour runs every kind of garbage several times over.
func pour(t *testing.T, server *rig.Server, vandals []*rig.Person, room int64, seed uint64) {
	t.Helper()
	kinds := []func(*garbage){
		(*garbage).bytes, (*garbage).halfRequests, (*garbage).brokenHandshakes, (*garbage).frames, (*garbage).packets,
		(*garbage).events, (*garbage).attachments, (*garbage).pollingBodies, (*garbage).foreignSessions, (*garbage).rest, (*garbage).tokens,
	}
	const at = 2 // each kind from so many goroutines
	var all sync.WaitGroup
	for i, kind := range kinds {
		for k := range at {
			all.Go(func() {
				g := &garbage{
					Rand: rand.New(rand.NewPCG(seed, uint64(i*at+k))), t: t, server: server,
					vandal: vandals[(i+k)%len(vandals)], room: room,
				}
				for range 25 {
					kind(g)
				}
			})
		}
	}
	all.Wait()
}
