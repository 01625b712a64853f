package loadgen

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// run is one run under way.
type run struct {
	cfg   Config
	url   *url.URL
	terms Terms
	clock clock
	cids  cids

	tokens []string // by person
	rooms  []string // ids as JSON, by room
	text   string

	// sockets is filled by connect and read by the goroutine of Run only;
	// members counts them by room.
	sockets []*socket
	members []int

	ledger  ledger
	faults  faults
	readers readers
	counted sharedTallies // of handshakes and of goReaders
	buffers sync.Pool     // of [4096]byte, for handshakes

	connects  Histogram // guarded by connectMu
	connectMu sync.Mutex

	live    atomic.Int64  // sockets that have joined
	freed   chan struct{} // a message has settled, or a socket has joined; holds one token at most
	closing atomic.Bool   // connections end because the run does
}

// Run runs the workload to its end, or until ctx ends, which is an error. The
// result is complete only without error; violations are no error.
func Run(ctx context.Context, cfg Config) (Result, error) {
	r, err := newRun(ctx, cfg.withDefaults())
	if err != nil {
		return Result{}, err
	}
	r.readers, err = newReaders(r)
	if err != nil {
		return Result{}, err
	}
	finish := sync.OnceFunc(func() {
		r.closing.Store(true)
		r.readers.close()
	})
	defer finish()

	var res Result
	switch r.cfg.Workload {
	case OneRoom, ManyRooms:
		res, err = r.paced(ctx)
	case Saturated:
		res, err = r.saturate(ctx)
	case Idle:
		res, err = r.idle(ctx)
	case Storm:
		res, err = r.storm(ctx)
	case Join:
		res, err = r.join(ctx)
	}
	if err != nil {
		return Result{}, err
	}
	finish()
	r.conclude(&res)
	return res, nil
}

func newRun(ctx context.Context, cfg Config) (*run, error) {
	u, err := cfg.validate()
	if err != nil {
		return nil, err
	}
	r := &run{
		cfg: cfg, url: u, terms: cfg.Stage.Terms(),
		clock: clock{time.Now()}, cids: newCIDs(),
		members: make([]int, cfg.Rooms),
		text:    strings.Repeat("loremipsum ", cfg.TextBytes/11+1)[:cfg.TextBytes-1] + ".",
		freed:   make(chan struct{}, 1),
	}
	r.buffers.New = func() any { return new([4096]byte) }
	people, err := r.people()
	if err != nil {
		return nil, err
	}
	base := strings.TrimSuffix(cfg.URL, "/")
	if r.tokens, err = cfg.Stage.Tokens(ctx, base, people); err != nil {
		return nil, err
	}
	if r.rooms, err = cfg.Stage.Rooms(ctx, base, cfg.Rooms); err != nil {
		return nil, err
	}
	return r, nil
}

// share is the part of a person's limit that is used, so that the server's
// clock and ours need not agree.
const share = 0.8

// people is how many the workload needs to stay within the server's terms.
func (r *run) people() (int, error) {
	if r.cfg.Workload == Join {
		return r.cfg.Sockets, nil
	}
	sends := 1
	if limit := r.terms.SendsPerSecond * share; limit > 0 {
		switch r.cfg.Workload {
		case OneRoom, ManyRooms:
			sends = int(r.cfg.Rate/limit) + 1
		case Saturated:
			// Unknown before: so many that the server's limit per person is
			// not what is measured (2,400 messages a second).
			sends = min(300, r.cfg.Sockets)
		}
	}
	if sends > r.cfg.Sockets {
		return 0, fmt.Errorf("loadgen: %g messages a second need %d people who each may send %g a second, but there are %d sockets",
			r.cfg.Rate, sends, r.terms.SendsPerSecond, r.cfg.Sockets)
	}
	perPerson := max(1, r.terms.SocketsPerPerson)
	if r.cfg.Workload == Storm {
		perPerson = max(1, perPerson-1) // one is open before
	}
	return max(sends, (r.cfg.Sockets+perPerson-1)/perPerson), nil
}

// capacity is the largest number of sockets that the workload opens.
func (r *run) capacity() int {
	if r.cfg.Workload == Storm {
		return r.cfg.Sockets + len(r.tokens)
	}
	return r.cfg.Sockets
}

// seat gives socket i its person and room. Where messages flow, one person's
// sockets are neighbours and so sit in different rooms; where not, a person's
// sockets share one room, so that only the first of them becomes a member.
func (r *run) seat(i int) (person, room int) {
	people := len(r.tokens)
	if r.cfg.Workload == Idle || r.cfg.Workload == Storm {
		person = i % people
		return person, person % r.cfg.Rooms
	}
	return i * people / r.cfg.Sockets, i % r.cfg.Rooms
}

// open connects sockets until there are n.
func (r *run) open(ctx context.Context, n int) error {
	first := len(r.sockets)
	for i := first; i < n; i++ {
		person, room := r.seat(i)
		r.sockets = append(r.sockets, &socket{run: r, number: i, room: room, token: r.tokens[person]})
		r.members[room]++
	}
	return each(n-first, r.cfg.Dialers, func(i int) error {
		begin := r.clock.now()
		if err := r.connect(ctx, r.sockets[first+i]); err != nil {
			return err
		}
		took := r.clock.now() - begin
		r.connectMu.Lock()
		r.connects.Record(took)
		r.connectMu.Unlock()
		return nil
	})
}

// sendOrder is the sockets' numbers in the order in which they send: person
// after person, so that nobody's burst is used up.
func (r *run) sendOrder() []int {
	turns := make([][]int, len(r.tokens))
	longest := 0
	for _, s := range r.sockets {
		person, _ := r.seat(s.number)
		turns[person] = append(turns[person], s.number)
		longest = max(longest, len(turns[person]))
	}
	order := make([]int, 0, len(r.sockets))
	for turn := range longest {
		for _, sockets := range turns {
			if turn < len(sockets) {
				order = append(order, sockets[turn])
			}
		}
	}
	return order
}

// send writes the next message from socket s.
func (r *run) send(s *socket, planned time.Duration, measure bool) (late time.Duration) {
	due := r.members[s.room]
	if r.terms.Acknowledges {
		due++
	}
	now := r.clock.now()
	number := r.ledger.add(planned, now, s.room, s.number, due, measure)
	frame := maskedFrame(opText, fmt.Appendf(nil, `42%s["sendMessage",{"roomId":%s,"messageText":"%s","cid":"%s"}]`,
		r.ackID(number), r.rooms[s.room], r.text, r.cids.make(time.Now(), number)))
	if _, err := s.wire.Write(frame); err != nil {
		r.faults.violate(ruleOpen, "socket %d: send: %v", s.number, err)
	}
	return now - planned
}

// ackID of a message is its number plus one; 0 is joinRoom's.
func (r *run) ackID(number int64) string {
	if !r.terms.Acknowledges {
		return ""
	}
	return fmt.Sprint(number + 1)
}

// settle takes n off what is due of m and tells whoever waits for room.
func (r *run) settle(m *message, n int) {
	if r.ledger.settle(m, n) {
		r.signal()
	}
}

// signal wakes the goroutine of Run, if it waits.
func (r *run) signal() {
	select {
	case r.freed <- struct{}{}:
	default:
	}
}

// await waits until fewer than n messages have something due.
func (r *run) await(ctx context.Context, n int64) error {
	return r.until(ctx, func() bool { return r.ledger.open.Load() < n })
}

// until waits for what [run.signal] tells of.
func (r *run) until(ctx context.Context, done func() bool) error {
	for !done() {
		select {
		case <-r.freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// drain waits for everything that is still due; what does not come in time is
// found by the ledger.
func (r *run) drain(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, r.cfg.Drain)
	defer cancel()
	if err := r.await(wait, 1); err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return nil
}

func (r *run) ended(s *socket, err error) {
	if !r.closing.Load() {
		r.faults.violate(ruleOpen, "socket %d: %v", s.number, err)
	}
}

func (r *run) tallies() []*tally {
	return slices.Concat(r.readers.tallies(), r.counted.all())
}
