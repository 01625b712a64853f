package main

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/crash/client"
	"github.com/parleychat/parley/protocol"
)

// impatience is how long a device waits for any answer before it cuts its own
// connection; the server answers within 10 s.
const impatience = 20 * time.Second

// device is one program of one person. It keeps its places and outboxes across
// connections, as an app does on its disk.
type device struct {
	c         *campaign
	name      string
	person    *person
	transport client.Transport
	slow      bool // stops reading for a while, now and then
	places    []*place
	settled   chan struct{} // closed when it is quiet and has joined all its rooms
	once      sync.Once     // closes settled
}

// auth is the connect payload.
type auth struct {
	Token string `json:"token"`
}

// run connects again and again until ctx ends.
func (d *device) run(ctx context.Context) {
	for ctx.Err() == nil {
		base, err := d.c.server.address(ctx)
		if err != nil {
			return
		}
		d.c.history.Write(check.Line{What: check.Connect, Device: d.name, Event: check.Event{User: d.person.id}, Via: string(d.transport)})
		conn, err := client.Dial(ctx, base, d.transport, auth{d.person.token})
		if err != nil {
			d.c.history.Write(check.Line{What: check.Close, Device: d.name, Code: "refused"})
			d.notLetIn(err)
			pause(ctx, d.c.dice.upTo(60*time.Millisecond))
			continue
		}
		d.c.history.Write(check.Line{What: check.Connected, Device: d.name})
		away := d.session(ctx, base, conn)
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
		d.c.problem("%s was not let in: %v", d.name, refusal)
	}
}

func (d *device) isQuiet() bool {
	select {
	case <-d.c.quiet:
		return true
	default:
		return false
	}
}

// session is one connection of a device.
type session struct {
	*device
	base string
	conn *client.Conn
	ctx  context.Context // ends with the connection

	mu      sync.Mutex
	calls   int64
	pending map[int64]func(answer json.RawMessage) // by call; nil once the connection has ended
	code    string                                 // why it ends, if anybody said so
}

// session serves a connection until it ends, and says how long the device stays
// away.
func (d *device) session(ctx context.Context, base string, conn *client.Conn) time.Duration {
	ctx, end := context.WithCancel(ctx)
	defer end()
	s := &session{device: d, base: base, conn: conn, ctx: ctx, pending: make(map[int64]func(json.RawMessage))}
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
		if s.slow && !s.isQuiet() && s.c.dice.in(0.01) {
			pause(s.ctx, s.c.dice.upTo(time.Second))
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
	s.c.history.Write(check.Line{What: check.Close, Device: s.name, Code: code})
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
// connection ends without one. The returned channel is closed after that.
func (s *session) ask(event string, arg any, tell func(answer json.RawMessage)) <-chan struct{} {
	told := make(chan struct{})
	tellOnce := func(answer json.RawMessage) {
		tell(answer)
		close(told)
	}
	s.mu.Lock()
	s.calls++
	id, open := s.calls, s.pending != nil
	if open {
		s.pending[id] = tellOnce
	}
	s.mu.Unlock()
	if !open {
		tellOnce(nil)
		return told
	}
	if err := s.conn.Emit(event, id, arg); err != nil {
		s.conn.Close() // read tells everybody who waits
	}
	return told
}

// patiently waits for an answer, and cuts the connection if none comes.
func (s *session) patiently(told <-chan struct{}) {
	timer := time.NewTimer(impatience)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
		s.c.problem("%s waited %v for an answer", s.name, impatience)
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
		s.c.problem("%s got an answer to nothing: %s", s.name, answer)
		return
	}
	tell(answer)
}
