package socketio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/parleychat/parley/socketio/engineio"
)

// Errors of sending.
var (
	ErrClosed      = errors.New("socketio: socket is closed")
	ErrQueueFull   = errors.New("socketio: queue of the socket is full")
	ErrTooManyAcks = errors.New("socketio: too many acknowledgements are awaited")
)

// maxAcks is how many acknowledgements may be awaited on one socket.
const maxAcks = 1024

// Socket is one client in one namespace. All methods may be called from
// anywhere at any time.
type Socket struct {
	session   *engineio.Session // of conn, one step nearer for those who send
	conn      *conn
	namespace *Namespace
	id        [15]byte
	told      bool        // onClose was called, or would have been; guarded by mu
	reason    Reason      // it was told; guarded by mu
	stopped   atomic.Bool // takes no more frames

	mu      sync.Mutex // guards what follows; never held over a callback
	value   any
	onEvent func(*Event)
	onClose func(Reason)
	acks    map[uint64]chan *Reply // those awaited; nil until the first
	nextAck uint64
}

func newSocket(c *conn, namespace *Namespace, value any) *Socket {
	s := &Socket{session: c.session, conn: c, namespace: namespace, value: value}
	// It never fails on the systems Go runs on, and would only make ids equal.
	_, _ = rand.Read(s.id[:])
	return s
}

// ID is the socket's id as its client knows it: 20 characters, random, and not
// a secret: it gives no access to anything.
func (s *Socket) ID() string { return base64.RawURLEncoding.EncodeToString(s.id[:]) }

// Namespace is the name of the namespace that was joined.
func (s *Socket) Namespace() string { return s.namespace.name }

// Transport is "polling" or "websocket", whichever is in use now.
func (s *Socket) Transport() string { return s.session.Transport() }

// Value is what the middleware left in [Handshake.Value], or SetValue later.
func (s *Socket) Value() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value
}

// SetValue replaces the value.
func (s *Socket) SetValue(v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value = v
}

// OnEvent says who handles the socket's events. The handler is called for one
// event after another, in the order in which the client sent them, on the
// goroutine that reads the connection. While it runs nothing more is read from
// this client: to block is to slow the client down. It must return well within
// the ping timeout, and must not wait there for an acknowledgement of the same
// client, which could not be read. A panic in it closes the connection.
func (s *Socket) OnEvent(handler func(*Event)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onEvent = handler
}

// OnClose says who is told, exactly once, that the socket is closed, and why.
// It is called after the last event was handled, never at the same time as the
// handler of events, and without waiting for frames still on their way. If the
// socket was closed before, the function is called at once.
func (s *Socket) OnClose(f func(Reason)) {
	s.mu.Lock()
	late, reason := s.told, s.reason
	if !late {
		s.onClose = f
	}
	s.mu.Unlock()
	if late {
		f(reason)
	}
}

// Queue appends a frame of [EventFrame] or [Event.AckFrame] to what is to be
// sent, and reports whether it was taken. It makes no system call and does not
// wait. It is false when the socket is closed, or when the queue of its
// connection would exceed Config.MaxQueue, upon which Config.OnOverflow is
// called and nothing more is taken but a farewell. The frame must never change
// afterwards. An empty frame is nothing to send and always taken.
func (s *Socket) Queue(frame []byte) bool {
	if len(frame) == 0 {
		return true
	}
	return !s.stopped.Load() && s.session.Queue(frame)
}

// QueueAll is Queue for frames that belong together, such as those of
// [EventFrames]: all are taken, with nothing between them, or none.
func (s *Socket) QueueAll(frames ...[]byte) bool {
	return !s.stopped.Load() && s.session.QueueAll(frames...)
}

// Flush writes what is queued, in one system call, without waiting for the
// client: see engineio's Session.Flush.
func (s *Socket) Flush() { s.session.Flush() }

// Buffered is how many bytes are queued on the connection and not yet written,
// each frame counted with 24 more. Config.MaxQueue bounds it.
func (s *Socket) Buffered() int { return s.session.Buffered() }

// Send is Queue and Flush of one frame, and quicker than both.
func (s *Socket) Send(frame []byte) bool {
	if len(frame) == 0 {
		return true
	}
	return !s.stopped.Load() && s.session.Send(frame)
}

// Approach reads what Send looks at first, and does nothing else. Whoever sends
// to many sockets approaches some of them before, so that the processor fetches
// their memory together.
func (s *Socket) Approach() {
	_ = s.stopped.Load()
	s.session.Approach()
}

// Emit sends an event. Arguments are encoded with encoding/json, except
// json.RawMessage, which is sent as it is, and []byte, which becomes a binary
// attachment; both only as arguments of their own, not inside others.
func (s *Socket) Emit(event string, args ...any) error {
	encoded, attachments, err := marshalArgs(args)
	if err != nil {
		return err
	}
	return s.sendAll(EventFrames(s.namespace.name, event, encoded, attachments))
}

func (s *Socket) sendAll(frames [][]byte) error {
	if !s.QueueAll(frames...) {
		if s.stopped.Load() {
			return ErrClosed
		}
		return ErrQueueFull
	}
	s.Flush()
	return nil
}

// EmitWithAck sends an event and waits until the client has acknowledged it,
// ctx ends, or the socket is closed. The arguments of the acknowledgement may
// hold placeholders; use [Socket.Request] to get at what they stand for.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) ([]json.RawMessage, error) {
	reply, err := s.Request(ctx, event, args...)
	if err != nil {
		return nil, err
	}
	return reply.Args, nil
}

// Request is EmitWithAck with the attachments of the acknowledgement.
func (s *Socket) Request(ctx context.Context, event string, args ...any) (*Reply, error) {
	encoded, attachments, err := marshalArgs(args)
	if err != nil {
		return nil, err
	}
	id, reply, err := s.await()
	if err != nil {
		return nil, err
	}
	if err := s.sendAll(eventFramesWithID(s.namespace.name, event, id, encoded, attachments)); err != nil {
		s.forgetAck(id)
		return nil, err
	}
	select {
	case r, ok := <-reply:
		if !ok {
			return nil, ErrClosed
		}
		return r, nil
	case <-ctx.Done():
		s.forgetAck(id)
		return nil, ctx.Err()
	}
}

// await makes room for an acknowledgement.
func (s *Socket) await() (uint64, chan *Reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stopped.Load():
		return 0, nil, ErrClosed
	case len(s.acks) >= maxAcks:
		return 0, nil, ErrTooManyAcks
	case s.acks == nil:
		s.acks = make(map[uint64]chan *Reply)
	}
	id, reply := s.nextAck, make(chan *Reply, 1)
	s.nextAck++
	s.acks[id] = reply
	return id, reply, nil
}

func (s *Socket) forgetAck(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.acks, id)
}

// Close is CloseAfter without a last frame.
func (s *Socket) Close(reason Reason) { s.CloseAfter(nil, reason) }

// CloseAfter closes the socket and the connection that carries it. The frame,
// if there is one, is queued behind everything else even if the queue is full.
// After it comes, for [ReasonServerDisconnect] and [ReasonForced], a DISCONNECT
// packet, which tells the official clients not to come back by themselves;
// after any other reason they do. Then the connection ends, when all is written
// or after Config.FarewellTimeout. CloseAfter itself does not wait; from its
// return on nothing is taken and no event is handled that has not begun.
func (s *Socket) CloseAfter(frame []byte, reason Reason) {
	farewell := make([][]byte, 0, 2)
	if len(frame) > 0 {
		farewell = append(farewell, frame)
	}
	if reason == ReasonServerDisconnect || reason == ReasonForced {
		farewell = append(farewell, disconnectFrame(s.namespace.name))
	}
	s.session.CloseAfter(reason, farewell...)
}

// Leave takes the socket out of its namespace and lets the connection live, for
// the other namespaces it may have joined.
func (s *Socket) Leave() {
	if !s.stop() {
		return
	}
	s.session.Queue(disconnectFrame(s.namespace.name))
	s.session.Flush()
	s.session.Soon(func() { s.tell(ReasonServerDisconnect) })
}

// leave is the client's wish to leave. It is called by the reader.
func (s *Socket) leave(reason Reason) {
	s.stop()
	s.tell(reason)
}

func (s *Socket) left() bool { return s.stopped.Load() }

// stop makes the socket take nothing more and gives up what it waits for. It
// reports whether it was the first to do so.
func (s *Socket) stop() bool {
	s.mu.Lock()
	first := s.stopped.CompareAndSwap(false, true)
	acks := s.acks
	s.acks = nil
	s.mu.Unlock()
	for _, reply := range acks {
		close(reply)
	}
	return first
}

// tell calls OnClose's function. It is never called while an event is handled.
func (s *Socket) tell(reason Reason) {
	s.mu.Lock()
	first := !s.told
	if first {
		s.told, s.reason = true, reason
	}
	f := s.onClose
	s.onClose, s.onEvent = nil, nil
	s.mu.Unlock()
	if first && f != nil {
		f(reason)
	}
}

// receive handles an event or acknowledgement that is complete. The packet's
// data is the socket's to keep.
func (s *Socket) receive(p packet, attachments [][]byte) error {
	if p.kind == packetAck || p.kind == packetBinaryAck {
		return s.receiveAck(p, attachments)
	}
	name, args, err := parseEvent(p.data)
	if err != nil {
		return err
	}
	if err := checkAttachments(args, attachments); err != nil {
		return err
	}
	s.mu.Lock()
	handler := s.onEvent
	s.mu.Unlock()
	if handler != nil && !s.left() {
		handler(&Event{Name: name, Args: args, Attachments: attachments, socket: s, id: p.id, hasID: p.hasID})
	}
	return nil
}

func checkAttachments(args []json.RawMessage, attachments [][]byte) error {
	if len(attachments) == 0 {
		return nil
	}
	return checkPlaceholders(args, len(attachments))
}

// receiveAck gives an acknowledgement to whoever awaits it. One that nobody
// awaits, or no longer, is dropped.
func (s *Socket) receiveAck(p packet, attachments [][]byte) error {
	args, err := splitArray(p.data)
	if err != nil {
		return err
	}
	if err := checkAttachments(args, attachments); err != nil {
		return err
	}
	s.mu.Lock()
	reply := s.acks[p.id]
	delete(s.acks, p.id)
	s.mu.Unlock()
	if reply != nil {
		reply <- &Reply{Args: args, Attachments: attachments}
	}
	return nil
}
