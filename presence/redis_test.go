//go:build unix

package presence_test

import (
	"context"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/presence"
	"github.com/parleychat/parley/presence/presencetest"
)

// soon is how long what must come may take on a machine that is busy.
const soon = time.Minute

// lease is shorter than in life, so that tests need not wait for long.
const lease = time.Second

const prefix = "parley:test:"

const ann, bo chat.UserID = 1, 2

func TestRedis(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	presencetest.Run(t, func(t *testing.T, clock *presencetest.Clock) presence.Presence {
		return startNode(t, server.URL(), "parley:"+t.Name()+":", clock.Now)
	})
}

// The promise is 15 s from the end of a node until its people are offline.
func TestLeaseKeepsThePromise(t *testing.T) {
	if worst := presence.Lease + presence.Grace + chat.PresenceTick; worst > 13*time.Second {
		t.Errorf("people of a killed node stay online for %s, which leaves too little of 15 s for everything else", worst)
	}
}

// testNode is one node's presence, and who is online as its ticks told it.
type testNode struct {
	*presence.Redis
	t     *testing.T
	start func()
	stop  func() // orderly; a second call does nothing

	mu   sync.Mutex
	told map[chat.UserID]bool // as is known from the ticks
}

func dial(t *testing.T, url string) rueidis.Client {
	t.Helper()
	option, err := rueidis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	option.ForceSingleClient, option.DisableCache, option.DisableRetry = true, true, true
	option.Dialer.Timeout, option.ConnWriteTimeout = 2*time.Second, 3*time.Second
	client, err := rueidis.NewClient(option)
	if client == nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func startNode(t *testing.T, url, prefix string, now func() time.Time) *testNode {
	t.Helper()
	n := makeNode(t, url, prefix, now)
	n.start()
	return n
}

func makeNode(t *testing.T, url, prefix string, now func() time.Time) *testNode {
	t.Helper()
	n := &testNode{t: t, told: make(map[chat.UserID]bool)}
	n.Redis = presence.NewRedis(presence.RedisConfig{
		Client: dial(t, url), Prefix: prefix, Lease: lease, Now: now,
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	n.start = func() {
		go func() {
			defer close(ended)
			if err := n.Run(ctx); err != nil {
				t.Errorf("Run: %v", err)
			}
		}()
		t.Cleanup(n.stop)
	}
	n.stop = func() { cancel(); <-ended }
	return n
}

// node is one in a cluster of tests on this server.
func node(t *testing.T, url string) *testNode { return startNode(t, url, prefix, nil) }

// online ticks and gives everybody of whom was told that they are online.
func (n *testNode) online() map[chat.UserID]bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, change := range n.Changes() {
		if change.Status != chat.StatusOffline {
			n.told[change.User] = true
		} else {
			delete(n.told, change.User)
		}
	}
	return maps.Clone(n.told)
}

// await waits until a node was told that just these people are online.
func (n *testNode) await(people ...chat.UserID) {
	n.t.Helper()
	want := make(map[chat.UserID]bool)
	for _, user := range people {
		want[user] = true
	}
	var got map[chat.UserID]bool
	for deadline := time.Now().Add(soon); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if got = n.online(); maps.Equal(got, want) {
			for user := range want {
				// A lease may end meanwhile, which the next tick tells.
				if n.Status(user) == chat.StatusOffline && n.online()[user] && n.Status(user) == chat.StatusOffline {
					n.t.Errorf("%d was told online, and Status denies it", user)
				}
			}
			return
		}
	}
	n.t.Fatalf("online: got %v, want %v", got, want)
}

// awaitState waits until a node knows so many others, and whether Redis answers.
func (n *testNode) awaitState(others int, answers bool) {
	n.t.Helper()
	var got int
	var err error
	for deadline := time.Now().Add(soon); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if got, err = n.Others(); got == others && (err == nil) == answers {
			return
		}
	}
	n.t.Fatalf("other nodes: got %d, %v, want %d, and an answer: %v", got, err, others, answers)
}

// awaitAnswers waits until a node knows whether Redis answers.
func (n *testNode) awaitAnswers(answers bool) {
	n.t.Helper()
	var err error
	for deadline := time.Now().Add(soon); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if _, err = n.Others(); (err == nil) == answers {
			return
		}
	}
	n.t.Fatalf("Redis answers: got %v, want an answer: %v", err, answers)
}

// awaitNames waits until so many nodes are in Redis, and gives their names.
func awaitNames(t *testing.T, server *services.Redis, n int) []string {
	t.Helper()
	var names []string
	for deadline := time.Now().Add(soon); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if names = strings.Fields(do(t, server, "SMEMBERS", prefix+"presence:nodes")); len(names) == n {
			return names
		}
	}
	t.Fatalf("nodes in Redis: got %q, want %d", names, n)
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func do(t *testing.T, server *services.Redis, command ...string) string {
	t.Helper()
	answer, err := server.Do(command...)
	must(t, err)
	return answer
}

// Defect P4 of Turbo-Chat: people of other nodes are told.
func TestRedisNodesSeeEachOther(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	a, b := node(t, server.URL()), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	b.Enter(bo, chat.StatusChoice{})
	a.await(ann, bo)
	b.await(ann, bo)
	c := node(t, server.URL()) // late
	c.await(ann, bo)
	a.Leave(ann)
	a.await(bo)
	b.await(bo)
	c.await(bo)
	if got := a.Counted(); len(got) != 0 {
		t.Errorf("counted on a node without sockets: %v", got)
	}
}

// Somebody whose tabs are on two nodes is online while one of them is.
func TestRedisTabsOnTwoNodes(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	a, b, c := node(t, server.URL()), node(t, server.URL()), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	a.Enter(ann, chat.StatusChoice{})
	b.Enter(ann, chat.StatusChoice{})
	for _, n := range []*testNode{a, b, c} {
		n.await(ann)
	}
	a.Leave(ann)
	a.Leave(ann)
	a.Enter(bo, chat.StatusChoice{}) // told later than the leaving
	c.await(ann, bo)
	b.Leave(ann)
	for _, n := range []*testNode{a, b, c} {
		n.await(bo)
	}
}

// A client that changes nodes neither goes nor comes.
func TestRedisMoveSaysNothing(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	var clock presencetest.Clock // stands still: a grace does not end
	start := func() *testNode { return startNode(t, server.URL(), prefix, clock.Now) }
	a, b, c := start(), start(), start()
	a.Enter(ann, chat.StatusChoice{})
	c.await(ann)
	a.Leave(ann)
	a.Enter(bo, chat.StatusChoice{})
	c.await(ann, bo)
	b.Enter(ann, chat.StatusChoice{})
	b.Enter(3, chat.StatusChoice{})
	c.await(ann, bo, 3)
	clock.Advance(presence.Grace)
	c.await(ann, bo, 3)
}

func TestRedisNodeStops(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	a := node(t, server.URL())
	key := prefix + "presence:node:" + awaitNames(t, server, 1)[0]
	b := node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	b.await(ann)
	a.stop()
	b.await()
	b.awaitState(0, true)
	if fields := do(t, server, "HGETALL", key); fields != "" {
		t.Errorf("the hash of a node that stopped is still there: %q", fields)
	}
}

// A node that is cut off, or killed, or paused, says nothing any more: its
// people go with its lease. When it comes back, they do.
func TestRedisNodeCutOff(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	proxy := services.NewProxy(t, server.Addr())
	a, b := node(t, server.URLVia(proxy.Addr())), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	b.Enter(bo, chat.StatusChoice{})
	a.await(ann, bo)
	b.await(ann, bo)
	proxy.Cut()
	a.await(ann)
	a.awaitState(0, false)
	b.await(bo)
	b.awaitState(0, true)
	a.Enter(3, chat.StatusChoice{}) // unseen for now
	a.await(ann, 3)
	proxy.Mend()
	a.await(ann, bo, 3)
	b.await(ann, bo, 3)
	a.awaitState(1, true)
}

// What a paused node hears when it goes on may be old; so may what is in its
// connections. Here nothing of what it sends arrives, and then all of it.
func TestRedisNodeHeldUp(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	proxy := services.NewProxy(t, server.Addr())
	a, b := node(t, server.URLVia(proxy.Addr())), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	b.await(ann)
	release := make(chan struct{})
	proxy.Judge(func(int, []byte) services.Verdict { <-release; return services.Pass })
	b.await()
	a.Leave(ann)
	a.Enter(bo, chat.StatusChoice{})
	a.await(bo)
	proxy.Judge(nil)
	close(release)
	b.await(bo)
}

func TestRedisFlushed(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	a, b := node(t, server.URL()), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	b.Enter(bo, chat.StatusChoice{})
	a.await(ann, bo)
	b.await(ann, bo)
	do(t, server, "FLUSHALL")
	a.Enter(3, chat.StatusChoice{})
	a.Leave(ann)
	b.await(bo, 3)
	a.await(bo, 3)
	late := node(t, server.URL())
	late.await(bo, 3)
}

// A Redis that is killed comes back empty.
func TestRedisRestarted(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	a, b := node(t, server.URL()), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	b.Enter(bo, chat.StatusChoice{})
	b.await(ann, bo)
	a.await(ann, bo)
	must(t, server.Kill())
	a.await(ann)
	b.await(bo)
	a.awaitState(0, false)
	a.Leave(ann)
	a.Enter(3, chat.StatusChoice{})
	must(t, server.Start())
	a.await(bo, 3)
	b.await(bo, 3)
}

func TestRedisPaused(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	a, b := node(t, server.URL()), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	b.Enter(bo, chat.StatusChoice{})
	b.await(ann, bo)
	a.await(ann, bo)
	must(t, server.Pause())
	a.Leave(ann) // none of this waits
	a.Enter(3, chat.StatusChoice{})
	a.await(3)
	b.await(bo)
	must(t, server.Resume())
	a.await(bo, 3)
	b.await(bo, 3)
}

// awaitStatus waits until a node shows somebody like this.
func (n *testNode) awaitStatus(user chat.UserID, want chat.Status) {
	n.t.Helper()
	for deadline := time.Now().Add(soon); n.Status(user) != want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			n.t.Fatalf("status of %d: got %s, want %s", user, n.Status(user), want)
		}
	}
}

// What somebody has chosen reaches every node, by news and by looking, whatever
// older choice another node of theirs still has.
func TestRedisStatus(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	a, b, c := node(t, server.URL()), node(t, server.URL()), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{Status: chat.StatusAway, Rev: 1})
	b.awaitStatus(ann, chat.StatusAway)
	b.Enter(ann, chat.StatusChoice{})
	a.Choose(ann, chat.StatusChoice{Status: chat.StatusDoNotDisturb, Rev: 2})
	b.awaitStatus(ann, chat.StatusDoNotDisturb)
	c.awaitStatus(ann, chat.StatusDoNotDisturb)
	do(t, server, "FLUSHALL")
	late := node(t, server.URL())
	late.awaitStatus(ann, chat.StatusDoNotDisturb)
	a.Choose(ann, chat.StatusChoice{Status: chat.StatusOnline, Rev: 3})
	late.awaitStatus(ann, chat.StatusOnline)
	c.awaitStatus(ann, chat.StatusOnline)
	a.Leave(ann)
	b.Leave(ann)
	late.awaitStatus(ann, chat.StatusOffline)
	for _, name := range strings.Fields(do(t, server, "SMEMBERS", prefix+"presence:nodes")) {
		// A lease that has just ended leaves nothing at all.
		if fields := do(t, server, "HKEYS", prefix+"presence:node:"+name); fields != "v" && fields != "" {
			t.Errorf("of nobody there is left in Redis: %q", fields)
		}
	}
}

// Redis is not there when the node starts.
func TestRedisLate(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	must(t, server.Kill())
	a, b := node(t, server.URL()), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	a.await(ann)
	a.awaitState(0, false)
	must(t, server.Start())
	b.await(ann)
	a.awaitState(1, true)
}

// Each answer takes a while, longer than a beat.
func TestRedisSlow(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	proxy := services.NewProxy(t, server.Addr())
	proxy.Judge(func(int, []byte) services.Verdict {
		time.Sleep(lease / 2)
		return services.Pass
	})
	a, b := node(t, server.URLVia(proxy.Addr())), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	b.Enter(bo, chat.StatusChoice{})
	a.await(ann, bo)
	b.await(ann, bo)
	a.Leave(ann)
	b.await(bo)
}

// The answer to a change is lost: whether Redis has it is not known.
func TestRedisAnswerLost(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	proxy := services.NewProxy(t, server.Addr())
	a, b := node(t, server.URLVia(proxy.Addr())), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	b.await(ann)
	var lost sync.Once
	hit := make(chan struct{})
	proxy.Judge(func(_ int, request []byte) (verdict services.Verdict) {
		// The field and its value are arguments of the command that changes the
		// hash, also when it happens to be written anew just now.
		if strings.Contains(string(request), "\r\n$1\r\n2\r\n$1\r\n1\r\n") {
			lost.Do(func() { verdict = services.CutAfter; close(hit) })
		}
		return verdict
	})
	a.Enter(bo, chat.StatusChoice{})
	select {
	case <-hit:
	case <-time.After(soon):
		t.Fatal("the change was not sent")
	}
	b.await(ann, bo)
	a.Leave(ann)
	b.await(bo)
	a.await(bo)
}

// What a node tells reaches all others, once and in order, and not itself. What
// is told while Redis is away is lost.
func TestRedisTells(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	var mu sync.Mutex
	heard := make([][]string, 3)
	listens := make([]bool, 3)
	nodes := make([]*testNode, 3)
	for i := range nodes {
		nodes[i] = makeNode(t, server.URL(), prefix, nil)
		nodes[i].Hear(func(message []byte) {
			mu.Lock()
			defer mu.Unlock()
			if string(message) == "do you listen?" {
				listens[i] = true
				return
			}
			heard[i] = append(heard[i], string(message))
		})
		nodes[i].start()
	}
	await := func(i int, last string) {
		t.Helper()
		for deadline := time.Now().Add(soon); ; time.Sleep(5 * time.Millisecond) {
			mu.Lock()
			got := heard[i]
			mu.Unlock()
			if len(got) > 0 && got[len(got)-1] == last {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("node %d heard %q and not %q", i, got, last)
			}
		}
	}
	// A node that others know of may not listen yet, and what is told then is lost.
	for deadline := time.Now().Add(soon); ; time.Sleep(50 * time.Millisecond) {
		nodes[0].Tell([]byte("do you listen?"))
		mu.Lock()
		both := listens[1] && listens[2]
		mu.Unlock()
		if both {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("who listens: got %v, want 1 and 2", listens)
		}
	}
	nodes[0].Enter(ann, chat.StatusChoice{})
	nodes[1].await(ann)
	nodes[2].await(ann)
	var want []string
	for i := range 200 {
		want = append(want, strconv.Itoa(i))
		nodes[0].Tell([]byte(want[i]))
	}
	await(1, "199")
	await(2, "199")
	must(t, server.Kill())
	nodes[0].awaitAnswers(false)
	for range 5000 {
		nodes[0].Tell([]byte("lost"))
	}
	must(t, server.Start())
	nodes[0].Enter(bo, chat.StatusChoice{})
	nodes[1].await(ann, bo)
	for deadline := time.Now().Add(soon); ; time.Sleep(20 * time.Millisecond) {
		nodes[0].Tell([]byte("again"))
		mu.Lock()
		got := heard[1]
		mu.Unlock()
		if got[len(got)-1] == "again" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing is told after a restart")
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(heard[1][:200], want) || !slices.Equal(heard[2][:200], want) {
		t.Errorf("heard %q and %q, want 0 to 199", heard[1], heard[2])
	}
	if len(heard[0]) > 0 || listens[0] {
		t.Errorf("the node itself heard %q", heard[0])
	}
}

// Whatever somebody writes into Redis by hand is gone after a while.
func TestRedisPoisoned(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	a, b := node(t, server.URL()), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	b.Enter(bo, chat.StatusChoice{})
	b.await(ann, bo)
	nodes := awaitNames(t, server, 2)
	poisons := map[string][][]string{
		"an index of another type": {{"SET", prefix + "presence:nodes", "nonsense"}},
		"a node that nobody is": {
			{"HSET", prefix + "presence:node:ghost", "v", "5", "9", "1"},
			{"SADD", prefix + "presence:nodes", "ghost"},
		},
		"a name without a hash":   {{"SADD", prefix + "presence:nodes", "nobody"}},
		"news that are no news":   {{"PUBLISH", prefix + "presence:news", "{\"node\":7"}},
		"news of a foreign node":  {{"PUBLISH", prefix + "presence:news", `{"node":"ghost","from":1,"to":2,"sockets":{"9":1}}`}},
		"news that skip versions": {{"PUBLISH", prefix + "presence:news", `{"node":"` + nodes[0] + `","from":4000,"to":4001,"sockets":{"9":1}}`}},
		"a version of nonsense":   {{"HSET", prefix + "presence:node:" + nodes[0], "v", "x"}},
		"everything deleted":      {{"DEL", prefix + "presence:node:" + nodes[0], prefix + "presence:node:" + nodes[1]}},
	}
	for _, name := range nodes {
		key := prefix + "presence:node:" + name
		poisons["a hash of another type "+name] = [][]string{{"SET", key, "nonsense"}}
		poisons["people in a hash "+name] = [][]string{{"HSET", key, "s1", "away x", "9", "1", "x", "y", "-3", "1", "4", "-1", "v", "1000000"}}
	}
	for what, commands := range poisons {
		for _, command := range commands {
			do(t, server, command...)
		}
		other := chat.UserID(3)
		a.Enter(other, chat.StatusChoice{})
		t.Log(what)
		b.await(ann, bo, other)
		a.await(ann, bo, other)
		a.Leave(other)
		b.await(ann, bo)
		a.await(ann, bo)
	}
}

// Somebody in a hash whose version is right: nobody notices, but it does not last.
func TestRedisGhostInAHash(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	a, b := node(t, server.URL()), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	b.await(ann)
	for _, name := range strings.Fields(do(t, server, "SMEMBERS", prefix+"presence:nodes")) {
		do(t, server, "HSET", prefix+"presence:node:"+name, "9", "1")
	}
	late := node(t, server.URL())
	late.await(ann)
}

// Keys are made of a prefix and a node's random name alone.
func TestRedisTwoClustersOnOneServer(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	a := startNode(t, server.URL(), "parley:one:", nil)
	b := startNode(t, server.URL(), "parley:two:", nil)
	a.Enter(ann, chat.StatusChoice{})
	b.Enter(bo, chat.StatusChoice{})
	a.await(ann)
	b.await(bo)
	b.awaitState(0, true)
	for _, key := range strings.Fields(do(t, server, "KEYS", "*")) {
		if !strings.HasPrefix(key, "parley:one:presence:") && !strings.HasPrefix(key, "parley:two:presence:") {
			t.Errorf("a key of no cluster: %q", key)
		}
	}
}

// A Redis with little room throws leases away. Whoever asks too much of it has
// presence that flickers, not ghosts, and it is right when there is room again.
func TestRedisEvicts(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t, "--maxmemory-policy", "allkeys-random")
	a, b := node(t, server.URL()), node(t, server.URL())
	a.Enter(ann, chat.StatusChoice{})
	b.await(ann)
	do(t, server, "CONFIG", "SET", "maxmemory", "1")
	b.Enter(bo, chat.StatusChoice{})
	b.await(bo)
	do(t, server, "CONFIG", "SET", "maxmemory", "0")
	a.await(ann, bo)
	b.await(ann, bo)
}

// What a crowd costs Redis grows with the people, not with the people times those
// who come: a node writes and tells who has changed.
func TestRedisCrowd(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	a, b := node(t, server.URL()), node(t, server.URL())
	a.awaitState(1, true)
	b.awaitState(1, true)
	const people, atOnce = 400, 20
	before, begun := traffic(t, server), time.Now()
	var here []chat.UserID
	for user := chat.UserID(1); user <= people; user++ {
		a.Enter(user, chat.StatusChoice{})
		if here = append(here, user); user%atOnce == 0 {
			b.await(here...) // they are told before the next ones come
		}
	}
	after := traffic(t, server)
	// A person is some 50 bytes in the hash and in the news. Beside that each node
	// renews its lease and looks at the other, a few times in a lease.
	looks := 2 * int(4*time.Since(begun)/lease+2)
	for _, way := range []string{"total_net_input_bytes", "total_net_output_bytes"} {
		got, most := after[way]-before[way], 150*people+500*looks
		t.Logf("%s: %d for %d people, %d may be", way, got, people, most)
		if got > most {
			t.Errorf("%s: %d for %d people, want %d at most", way, got, people, most)
		}
	}
}

// traffic is what Redis counts.
func traffic(t *testing.T, server *services.Redis) map[string]int {
	t.Helper()
	counts := make(map[string]int)
	for line := range strings.Lines(do(t, server, "INFO", "stats")) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), ":")
		if n, err := strconv.Atoi(text); err == nil {
			counts[name] = n
		}
	}
	return counts
}

// Many people come and go on three nodes while Redis is flushed, killed, paused
// and cut off; in the end everybody agrees.
func TestRedisEverybodyAgrees(t *testing.T) {
	t.Parallel()
	server := services.PrivateRedis(t)
	proxy := services.NewProxy(t, server.Addr())
	nodes := []*testNode{node(t, server.URL()), node(t, server.URLVia(proxy.Addr())), node(t, server.URL())}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	faults := []func(){
		func() { do(t, server, "FLUSHALL") },
		func() { must(t, server.Kill()); must(t, server.Start()) },
		func() { proxy.Cut() },
		func() { proxy.Mend() },
		func() { must(t, server.Pause()); time.Sleep(50 * time.Millisecond); must(t, server.Resume()) },
	}
	sockets := make([]map[chat.UserID]int, len(nodes))
	for i := range sockets {
		sockets[i] = make(map[chat.UserID]int)
	}
	for step := range 3000 {
		i, user := dice.IntN(len(nodes)), chat.UserID(1+dice.IntN(20))
		if sockets[i][user] > 0 && dice.IntN(3) > 0 {
			sockets[i][user]--
			nodes[i].Leave(user)
		} else {
			sockets[i][user]++
			nodes[i].Enter(user, chat.StatusChoice{})
		}
		if step%300 == 299 {
			faults[step/300%len(faults)]()
		}
		if step%10 == 0 {
			time.Sleep(time.Millisecond)
			nodes[i].online()
		}
	}
	proxy.Mend()
	want := []chat.UserID{21} // somebody at least
	nodes[1].Enter(21, chat.StatusChoice{})
	sockets[1][21] = 1
	for user := chat.UserID(1); user <= 20; user++ {
		left := 0
		for i, n := range nodes {
			for user%2 == 0 && sockets[i][user] > 0 {
				sockets[i][user]--
				n.Leave(user)
			}
			left += sockets[i][user]
		}
		if left > 0 {
			want = append(want, user)
		}
	}
	for i, n := range nodes {
		n.await(want...)
		for user, sockets := range sockets[i] {
			if got := n.Counted()[user]; got != sockets {
				t.Errorf("node %d has counted %d sockets of %d, want %d", i, got, user, sockets)
			}
		}
	}
}
