package people

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/protocol"
)

// impatience is how long a device waits for any answer before it cuts its own
// connection; the server answers within 10 s.
const impatience = 20 * time.Second

// awake waits until people do something. It reports whether the connection still
// stands.
func (s *session) awake() bool {
	for s.crowd.Hush.Load() {
		if !Pause(s.ctx, time.Second) {
			return false
		}
	}
	return true
}

// session is one connection of a device.
type session struct {
	*Device
	base  string // where the server is
	token string // that it is connected with
	// moved: the device was connected to another server before.
	moved bool
	conn  *client.Conn
	ctx   context.Context // ends with the connection

	mu      sync.Mutex
	calls   int64
	pending map[int64]func(answer json.RawMessage) // by call; nil once the connection has ended
	code    string                                 // why it ends, if anybody said so
}

// session serves a connection until it ends, and says how long the device stays
// away.
func (d *Device) session(ctx context.Context, base, token string, conn *client.Conn) time.Duration {
	ctx, end := context.WithCancel(ctx)
	defer end()
	s := &session{Device: d, base: base, token: token, conn: conn, ctx: ctx, pending: make(map[int64]func(json.RawMessage))}
	s.moved, d.last = d.last != "" && d.last != base, base
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
		if s.slow && !s.crowd.isQuiet() && s.crowd.Dice.In(0.01) {
			Pause(s.ctx, s.crowd.Dice.UpTo(time.Second))
		}
		s.crowd.Heard(s.person.ID, packet.Arg)
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
	s.crowd.History.Write(check.Line{What: check.Close, Device: s.name, Code: code})
	if code == "revoked" {
		s.signedOut()
	}
	if code == "" {
		s.crowd.Progress.note(func(n *Counts) { n.Cut++ })
	}
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
	if err := s.conn.Emit(event, id, arg); err != nil && !errors.Is(err, client.ErrNoSession) {
		s.conn.Close() // read tells everybody who waits
	}
	timer := time.NewTimer(impatience)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
		s.impatient()
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
		s.crowd.Problem("%s got an answer to nothing: %s", s.name, answer)
		return
	}
	tell(answer)
}

func (s *session) impatient() {
	if s.crowd.Impatient != nil {
		s.crowd.Impatient(s.name)
		return
	}
	s.crowd.Problem("%s waited %v for an answer", s.name, impatience)
}
