package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/crash/client"
	"github.com/parleychat/parley/internal/sim/memnet"
	"github.com/parleychat/parley/protocol"
)

// impatience is how long a device waits for any answer before it cuts its own
// connection; the server answers within 10 s.
const impatience = 20 * time.Second

// member is a person of the run and their devices.
type member struct {
	person
	devices  []*device
	wanders  bool          // leaves rooms for good, now and then
	patience *rate.Limiter // keeps below the server's limit of sends
	skew     time.Duration // of their devices' clocks
}

// device is one program of one person. It keeps its places and outboxes across
// connections, as an app does on its disk.
type device struct {
	r         *run
	name      string
	person    *member
	transport client.Transport
	places    []*place
	link      atomic.Pointer[memnet.Conn] // the latest connection
	settled   chan struct{}               // closed when it is quiet and has joined all its rooms
	once      sync.Once                   // closes settled
}

// gather chooses who takes part, with which devices, in which rooms.
func (r *run) gather() {
	r.think = []time.Duration{700 * time.Millisecond, 1500 * time.Millisecond, 4 * time.Second}[r.dice.below(3)]
	rooms := 2 + r.dice.below(templateRooms-2)
	r.rooms = slices.Clone(r.tmpl.rooms[:rooms])
	if r.opts.Deep {
		r.rooms[0] = r.tmpl.deep()
		r.tmpl.recall(r.history)
	}
	people := 3 + min(r.dice.below(templatePeople-2), r.dice.below(templatePeople-2))
	if r.opts.Crowd {
		r.rooms, people, rooms = r.rooms[:1], 3, 1
	}
	for i, k := range r.dice.order(templatePeople)[:people] {
		m := &member{person: r.tmpl.people[k], wanders: r.dice.in(0.2), patience: rate.NewLimiter(9, 40)}
		if r.dice.in(0.15) {
			m.skew = r.dice.upTo(20*time.Minute) - 10*time.Minute
			r.met("sender's clock wrong")
		}
		devices := 1 + r.dice.below(2)
		if r.opts.Crowd {
			devices = 2
		}
		if i == 0 && r.opts.Five {
			devices, m.wanders = 5, false
		}
		in := r.dice.order(rooms)[:1+r.dice.below(min(rooms, 2))]
		if r.opts.Deep && !slices.Contains(in, 0) {
			in[0] = 0
		}
		for no := range devices {
			d := &device{r: r, name: fmt.Sprintf("%s.d%d", m.name, no+1), person: m, transport: client.WebSocket, settled: make(chan struct{})}
			if !r.opts.Crowd && r.dice.in(0.15) {
				d.transport = client.Polling
			}
			for _, room := range in {
				d.places = append(d.places, newPlace(r.rooms[room]))
			}
			m.devices = append(m.devices, d)
			r.devices = append(r.devices, d)
		}
		r.people = append(r.people, m)
	}
}

// dial opens a connection underneath.
func (d *device) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.r.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.link.Store(conn.(*memnet.Conn))
	return conn, nil
}

// run connects again and again until ctx ends.
func (d *device) run(ctx context.Context) {
	dialer := client.Dialer{DialContext: d.dial}
	for ctx.Err() == nil {
		d.r.history.Write(check.Line{What: check.Connect, Device: d.name, Event: check.Event{User: d.person.id}, Via: string(d.transport)})
		conn, err := dialer.Dial(ctx, "http://sim", d.transport, protocol.Auth{Token: d.person.token})
		if err != nil {
			d.r.history.Write(check.Line{What: check.Close, Device: d.name, Code: "refused"})
			d.notLetIn(err)
			pause(ctx, 20*time.Millisecond+d.r.dice.upTo(300*time.Millisecond))
			continue
		}
		d.r.history.Write(check.Line{What: check.Connected, Device: d.name})
		away := d.session(ctx, conn)
		if !d.isQuiet() {
			pause(ctx, away)
		}
	}
}

// notLetIn notes a refusal that means a lost account or session.
func (d *device) notLetIn(err error) {
	var refusal *client.RefusedError
	if !errors.As(err, &refusal) {
		return
	}
	var info protocol.ErrorInfo
	if err := json.Unmarshal(refusal.Data, &info); err != nil || info.Code != "unavailable" && info.Code != "busy" {
		d.r.problem("%s was not let in: %v", d.name, refusal)
	}
}

func (d *device) isQuiet() bool {
	select {
	case <-d.r.quiet:
		return true
	default:
		return false
	}
}

// awake waits until people do something. It reports whether the connection still
// stands.
func (s *session) awake() bool {
	for s.r.hush.Load() {
		if !pause(s.ctx, time.Second) {
			return false
		}
	}
	return true
}

// session is one connection of a device.
type session struct {
	*device
	conn *client.Conn
	ctx  context.Context // ends with the connection

	mu      sync.Mutex
	calls   int64
	pending map[int64]func(answer json.RawMessage) // by call; nil once the connection has ended
	code    string                                 // why it ends, if anybody said so
}

// session serves a connection until it ends, and says how long the device stays
// away.
func (d *device) session(ctx context.Context, conn *client.Conn) time.Duration {
	ctx, end := context.WithCancel(ctx)
	defer end()
	s := &session{device: d, conn: conn, ctx: ctx, pending: make(map[int64]func(json.RawMessage))}
	stop := context.AfterFunc(ctx, conn.Close)
	defer stop()

	var work sync.WaitGroup
	defer work.Wait()
	var away time.Duration
	work.Go(func() { away = s.attend() })
	work.Go(s.browse)
	for _, p := range d.places {
		work.Go(func() { s.post(p) })
	}
	s.read()
	end()
	work.Wait()
	return away
}

// read takes what the server sends, in order, until the connection ends.
func (s *session) read() {
	for {
		packet, err := s.conn.Next()
		if err != nil {
			break
		}
		switch packet.Event {
		case "":
			s.answered(packet.ID, packet.Arg)
		case protocol.ReceiveMessage:
			s.received(packet.Arg)
		case protocol.Problem:
			var notice protocol.ProblemNotice
			if err := json.Unmarshal(packet.Arg, &notice); err == nil && notice.Code != "expiring" {
				s.because(notice.Code)
			}
		}
	}
	s.conn.Close()
	s.mu.Lock()
	left, code := s.pending, s.code
	s.pending = nil
	s.mu.Unlock()
	for _, tell := range left {
		tell(nil)
	}
	for _, p := range s.places {
		p.cut()
	}
	s.r.history.Write(check.Line{What: check.Close, Device: s.name, Code: code})
}

// because notes why the connection ends; the first to say so is right.
func (s *session) because(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.code == "" {
		s.code = code
	}
}

// cut ends the connection without a word to the server.
func (s *session) cut(code string) {
	s.because(code)
	s.conn.Close()
}

// ask emits an event. tell is called once with the answer, on the goroutine
// that reads and so in order with what else arrives, or with nil if the
// connection ends without one. It waits for that, and cuts a connection on
// which no answer comes.
func (s *session) ask(event string, arg any, tell func(answer json.RawMessage)) {
	told := make(chan struct{})
	once := func(answer json.RawMessage) {
		tell(answer)
		close(told)
	}
	s.mu.Lock()
	s.calls++
	id, open := s.calls, s.pending != nil
	if open {
		s.pending[id] = once
	}
	s.mu.Unlock()
	if !open {
		once(nil)
		return
	}
	if err := s.conn.Emit(event, id, arg); err != nil {
		s.conn.Close() // read tells everybody who waits
	}
	timer := time.NewTimer(impatience)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
		s.r.impatient(s.name)
		s.cut("impatient")
		<-told
	}
}

func (s *session) answered(id int64, answer json.RawMessage) {
	s.mu.Lock()
	tell := s.pending[id]
	delete(s.pending, id)
	s.mu.Unlock()
	if tell == nil {
		s.r.problem("%s got an answer to nothing: %s", s.name, answer)
		return
	}
	tell(answer)
}
