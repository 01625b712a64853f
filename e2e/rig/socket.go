package rig

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parleychat/parley/protocol"
)

// wire carries Engine.IO packets.
type wire interface {
	send(packets ...string) error
	receive() ([]string, error)
	leave() error // says good-bye
	close()
}

// Socket is one connection of a person to the namespace "/". It answers
// heartbeats and keeps everything that it is sent.
type Socket struct {
	t    testing.TB
	addr string
	sid  string // of the Engine.IO session

	events journal[Event]

	watched // guards what follows
	wire    wire
	answers map[string][]json.RawMessage // by id
	lastID  int
	id      string        // of the Socket.IO socket, once the namespace has let us in
	refused string        // the CONNECT_ERROR
	pause   chan struct{} // closed when the reader may go on
	paused  bool          // the reader rests
}

// How says how to connect.
type How struct {
	Polling bool        // long-polling instead of a WebSocket
	Token   string      // in the connect payload
	Header  http.Header // of the handshake
}

// Connect opens a socket and waits until the namespace has let it in.
func (s *Server) Connect(t testing.TB, how How) *Socket {
	t.Helper()
	sock, err := s.TryConnect(t, how)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	return sock
}

// ErrRefused is the server's CONNECT_ERROR; what it says follows it.
var ErrRefused = errors.New("connection refused by the namespace")

// TryConnect is Connect for a connection that may fail.
func (s *Server) TryConnect(t testing.TB, how How) (*Socket, error) {
	c := &Socket{t: t, addr: s.Addr, answers: make(map[string][]json.RawMessage)}
	if err := c.open(s.URL, how); err != nil {
		return nil, err
	}
	t.Cleanup(c.Cut)
	connect := "40"
	if how.Token != "" {
		payload, err := json.Marshal(protocol.Auth{Token: how.Token})
		if err != nil {
			return nil, err
		}
		connect += string(payload)
	}
	if err := c.wire.send(connect); err != nil {
		return nil, err
	}
	go c.read()
	if err := c.wait("the namespace's answer", func() bool { return c.id != "" || c.refused != "" }); err != nil {
		return nil, err
	}
	if c.refused != "" {
		c.Cut()
		return nil, fmt.Errorf("%w: %s", ErrRefused, c.refused)
	}
	return c, nil
}

// open makes the Engine.IO handshake.
func (c *Socket) open(base string, how How) error {
	if how.Polling {
		c.wire = newPolling(base, how.Header)
	} else {
		ws, err := dialWebSocket(c.addr, "/socket.io/?EIO=4&transport=websocket", how.Header)
		if err != nil {
			return err
		}
		c.wire = ws
	}
	packets, err := c.wire.receive()
	if err != nil {
		return err
	}
	var open struct{ SID string }
	if len(packets) != 1 || !strings.HasPrefix(packets[0], "0") || json.Unmarshal([]byte(packets[0][1:]), &open) != nil || open.SID == "" {
		return fmt.Errorf("handshake was answered %.200q", packets)
	}
	c.sid = open.SID
	if polling, ok := c.wire.(*pollingWire); ok {
		polling.url += "&sid=" + url.QueryEscape(c.sid)
	}
	return nil
}

// read takes in what comes, until the end.
func (c *Socket) read() {
	for {
		packets, err := c.current().receive()
		for _, packet := range packets {
			if err == nil {
				err = c.take(packet)
			}
		}
		if err != nil {
			c.Cut()
			c.events.end(err)
			c.change(func() { c.ended = err })
			return
		}
		c.rest()
	}
}

// rest waits while the transport is changed.
func (c *Socket) rest() {
	c.mu.Lock()
	pause := c.pause
	c.mu.Unlock()
	if pause == nil {
		return
	}
	c.change(func() { c.paused = true })
	<-pause
}

func (c *Socket) current() wire {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wire
}

func (c *Socket) take(packet string) error {
	switch {
	case packet == "":
		return errors.New("the server sent an empty packet")
	case packet[0] == '2':
		return c.current().send("3" + packet[1:])
	case packet[0] == '4':
		return c.message(packet[1:])
	case packet[0] == '1':
		return fmt.Errorf("%w: the server closed the session", io.EOF)
	}
	return nil
}

func (c *Socket) message(text string) error {
	packet, err := parsePacket(text)
	if err != nil {
		return err
	}
	switch packet.kind {
	case '0':
		var connected struct{ SID string }
		if err := json.Unmarshal([]byte(packet.data), &connected); err != nil || connected.SID == "" {
			return fmt.Errorf("connected with %.100q", packet.data)
		}
		c.change(func() { c.id = connected.SID })
	case '1':
		return fmt.Errorf("%w: the server disconnected the namespace", io.EOF)
	case '4':
		c.change(func() { c.refused = packet.data })
	case '2', '3':
		var args []json.RawMessage
		if err := json.Unmarshal([]byte(packet.data), &args); err != nil {
			return fmt.Errorf("packet %.200q: %w", text, err)
		}
		if packet.kind == '3' {
			c.change(func() { c.answers[packet.id] = args })
			return nil
		}
		return c.event(args)
	}
	return nil
}

func (c *Socket) event(args []json.RawMessage) error {
	if len(args) == 0 {
		return errors.New("the server sent an event without a name")
	}
	ev := Event{Args: args[1:]}
	if err := json.Unmarshal(args[0], &ev.Name); err != nil {
		return fmt.Errorf("name of an event: %w", err)
	}
	c.events.add(ev)
	return nil
}

// Emit sends an event that wants no answer, as Turbo-Chat's clients do.
func (c *Socket) Emit(name string, args ...any) {
	c.t.Helper()
	if err := c.TryEmit(name, args...); err != nil {
		c.t.Fatalf("emit %s: %v", name, err)
	}
}

// TryEmit is Emit for a connection that may have ended.
func (c *Socket) TryEmit(name string, args ...any) error {
	packet, err := eventPacket("", name, args...)
	if err != nil {
		return err
	}
	return c.current().send(packet)
}

// Raw sends Engine.IO packets as they are, right or wrong.
func (c *Socket) Raw(packets ...string) error { return c.current().send(packets...) }

// RawFrames writes bytes to the WebSocket as they are, right or wrong. [Frame]
// makes such.
func (c *Socket) RawFrames(bytes []byte) error {
	ws, ok := c.current().(*websocketWire)
	if !ok {
		return errors.New("only a WebSocket has frames")
	}
	return ws.raw(bytes)
}

// TryAsk sends an event and waits for its answer, which is decoded into
// answer, a struct of package protocol. A refusal is a [*Refused].
func (c *Socket) TryAsk(answer any, name string, args ...any) error {
	id, err := c.Begin(name, args...)
	if err != nil {
		return err
	}
	return c.Finish(id, answer)
}

// Begin sends an event whose answer [Socket.Finish] waits for.
func (c *Socket) Begin(name string, args ...any) (id string, err error) {
	c.mu.Lock()
	c.lastID++
	id = strconv.Itoa(c.lastID)
	c.mu.Unlock()
	packet, err := eventPacket(id, name, args...)
	if err != nil {
		return "", err
	}
	return id, c.current().send(packet)
}

// Finish waits for the answer to an event that [Socket.Begin] sent.
func (c *Socket) Finish(id string, answer any) error {
	if err := c.wait("the answer "+id, func() bool { return c.answers[id] != nil }); err != nil {
		return err
	}
	c.mu.Lock()
	args := c.answers[id]
	c.mu.Unlock()
	return readAnswer(args, answer)
}

// Refused is an answer that says no.
type Refused struct{ protocol.ErrorInfo }

func (r *Refused) Error() string { return "refused: " + r.Code + ": " + r.Message }

func readAnswer(args []json.RawMessage, answer any) error {
	if len(args) != 1 {
		return fmt.Errorf("the answer has %d parts, want 1", len(args))
	}
	var refusal protocol.Refusal
	if err := json.Unmarshal(args[0], &refusal); err != nil {
		return fmt.Errorf("the answer is %.200s: %w", args[0], err)
	}
	if !refusal.OK {
		return &Refused{refusal.Error}
	}
	return json.Unmarshal(args[0], answer)
}

// Ask sends an event and wants it done; the answer is decoded into answer.
func (c *Socket) Ask(answer any, name string, args ...any) {
	c.t.Helper()
	if err := c.TryAsk(answer, name, args...); err != nil {
		c.t.Fatalf("%s%v: %v", name, args, err)
	}
}

// WantRefusal sends an event and wants it refused with this code.
func (c *Socket) WantRefusal(code, name string, args ...any) {
	c.t.Helper()
	var refused *Refused
	err := c.TryAsk(new(json.RawMessage), name, args...)
	switch {
	case err == nil:
		c.t.Errorf("%s%.300v: was done, want the refusal %s", name, args, code)
	case !errors.As(err, &refused):
		c.t.Fatalf("%s%.300v: %v, want the refusal %s", name, args, err, code)
	case refused.Code != code:
		c.t.Errorf("%s%.300v: got the refusal %s (%s), want %s", name, args, refused.Code, refused.Message, code)
	}
}

// Events are all events with this name so far, all there were if it is "".
func (c *Socket) Events(name string) []Event {
	return slices.DeleteFunc(c.events.all(), func(ev Event) bool { return name != "" && ev.Name != name })
}

// Await waits for the first event with this name that fits, among those that
// came already and those to come.
func (c *Socket) Await(name string, fits func(Event) bool) Event {
	c.t.Helper()
	ev, err := c.events.await(name, 1, func(ev Event) bool { return ev.Name == name && fits(ev) })
	if err != nil {
		c.t.Fatal(err)
	}
	return ev
}

// AwaitEnd waits until the connection has ended.
func (c *Socket) AwaitEnd() {
	c.t.Helper()
	if err := c.wait("the end of the connection", func() bool { return c.ended != nil }); err != nil {
		c.t.Fatal(err)
	}
}

// Roundtrip returns when the server has answered something: by then everything
// has come that it sent to this socket before.
func (c *Socket) Roundtrip() {
	c.t.Helper()
	if err := c.TryRoundtrip(); err != nil {
		c.t.Fatal(err)
	}
}

// TryRoundtrip is Roundtrip for a connection that may have ended.
func (c *Socket) TryRoundtrip() error {
	var refused *Refused
	err := c.TryAsk(new(json.RawMessage), "roundtrip", struct{}{})
	if errors.As(err, &refused) {
		return nil
	}
	return fmt.Errorf("roundtrip: %w", err)
}

// Upgrade takes the session from long-polling to a WebSocket, as the protocol
// of Engine.IO describes it, whatever is under way meanwhile.
func (c *Socket) Upgrade() error {
	polling, ok := c.current().(*pollingWire)
	if !ok {
		return errors.New("only a polling session can be upgraded")
	}
	ws, err := dialWebSocket(c.addr, "/socket.io/?EIO=4&transport=websocket&sid="+url.QueryEscape(c.sid), polling.header)
	if err != nil {
		return err
	}
	resume := make(chan struct{})
	defer close(resume)
	// From here on the reader makes no new poll: the server ends the one that
	// hangs once it has seen the probe.
	c.mu.Lock()
	c.pause = resume
	c.mu.Unlock()
	if err := ws.send("2probe"); err != nil {
		return err
	}
	if answer, err := ws.receive(); err != nil || answer[0] != "3probe" {
		return fmt.Errorf("the probe was answered %q: %v", answer, err)
	}
	if err := c.wait("the end of the last poll", func() bool { return c.paused }); err != nil {
		return err
	}
	// Nothing may be posted any more when the upgrade is sealed.
	polling.mu.Lock()
	defer polling.mu.Unlock()
	if err := ws.send("5"); err != nil {
		return err
	}
	c.mu.Lock()
	c.wire, c.pause = ws, nil
	c.mu.Unlock()
	return nil
}

// IDs are the ids of the session and of the socket, which are nobody else's
// business.
func (c *Socket) IDs() (session, socket string) { return c.sid, c.id }

// Leave ends the connection as a client does that is closed by its user, and
// waits until the server has ended it too.
func (c *Socket) Leave() {
	c.t.Helper()
	if err := c.current().leave(); err != nil {
		c.t.Fatalf("disconnect: %v", err)
	}
	c.AwaitEnd()
	c.Cut()
}

// Cut ends the connection without a word.
func (c *Socket) Cut() { c.current().close() }
