package server_test

import (
	"encoding/json"
	"reflect"
	"sync"
	"testing"
	"time"

	wire "github.com/parleychat/parley/internal/people/client"
)

// patience is how long a test waits for what must come.
const patience = time.Minute

// device is a socket of somebody. Its methods are for the test's goroutine.
type device struct {
	t     *testing.T
	conn  *wire.Conn
	token string
	next  int64

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when something came, or the end
	acks    map[int64]json.RawMessage
	events  []wire.Packet // that nobody has asked for yet
	packets []wire.Packet // everything, as it came
	ended   bool
}

// device opens a socket.
func (c *client) device() *device {
	c.t.Helper()
	conn, err := wire.Dial(c.t.Context(), c.url, wire.WebSocket, map[string]string{"token": c.token})
	if err != nil {
		c.t.Fatal(err)
	}
	d := &device{t: c.t, conn: conn, token: c.token, changed: make(chan struct{}), acks: make(map[int64]json.RawMessage)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.read()
	}()
	c.t.Cleanup(func() { conn.Close(); <-ended })
	return d
}

func (d *device) read() {
	for {
		packet, err := d.conn.Next()
		d.mu.Lock()
		if err == nil {
			d.packets = append(d.packets, packet)
		}
		switch {
		case err != nil:
			d.ended = true
		case packet.Event == "":
			d.acks[packet.ID] = packet.Arg
		default:
			d.events = append(d.events, packet)
		}
		close(d.changed)
		d.changed = make(chan struct{})
		d.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// await looks at what came until find is content with it. The lock is held.
func (d *device) await(what string, find func() bool) {
	d.t.Helper()
	deadline := time.After(patience)
	for {
		d.mu.Lock()
		found, ended, changed := find(), d.ended, d.changed
		d.mu.Unlock()
		if found {
			return
		}
		if ended {
			d.t.Fatalf("the socket ended before %s came", what)
		}
		select {
		case <-changed:
		case <-deadline:
			d.t.Fatalf("%s did not come", what)
		}
	}
}

// call sends an event and reads its answer into what is given, if anything is.
func (d *device) call(event string, payload, answer any) {
	d.t.Helper()
	var refusal struct {
		OK    bool
		Error struct{ Code, Message string }
	}
	raw := d.ask(event, payload)
	if err := json.Unmarshal(raw, &refusal); err != nil || !refusal.OK {
		d.t.Fatalf("%s %+v: got %s, want ok", event, payload, raw)
	}
	if answer != nil {
		reflect.ValueOf(answer).Elem().SetZero()
		if err := json.Unmarshal(raw, answer); err != nil {
			d.t.Fatalf("%s: answer %s: %v", event, raw, err)
		}
	}
}

// refused sends an event that must be refused with this code.
func (d *device) refused(event string, payload any, code string) {
	d.t.Helper()
	var refusal struct {
		OK    bool
		Error struct{ Code string }
	}
	raw := d.ask(event, payload)
	if err := json.Unmarshal(raw, &refusal); err != nil || refusal.OK || refusal.Error.Code != code {
		d.t.Errorf("%s %+v: got %s, want the code %s", event, payload, raw, code)
	}
}

func (d *device) ask(event string, payload any) (answer json.RawMessage) {
	d.t.Helper()
	return d.answer(event, d.begin(event, payload))
}

// begin asks, and does not wait for the answer.
func (d *device) begin(event string, payload any) (id int64) {
	d.t.Helper()
	d.next++
	if err := d.conn.Emit(event, d.next, payload); err != nil {
		d.t.Fatal(err)
	}
	return d.next
}

// answer waits for the answer to what was begun.
func (d *device) answer(event string, id int64) (answer json.RawMessage) {
	d.t.Helper()
	d.await("the answer to "+event, func() bool {
		var came bool
		answer, came = d.acks[id]
		delete(d.acks, id)
		return came
	})
	return answer
}

// expect waits for an event of the server and reads it into what is given. What
// came before it stays for others.
func (d *device) expect(event string, into any) {
	d.t.Helper()
	var arg json.RawMessage
	d.await(event, func() bool {
		for i, packet := range d.events {
			if packet.Event == event {
				arg = packet.Arg
				d.events = append(d.events[:i:i], d.events[i+1:]...)
				return true
			}
		}
		return false
	})
	reflect.ValueOf(into).Elem().SetZero() // what is absent is not what was there before
	if err := json.Unmarshal(arg, into); err != nil {
		d.t.Fatalf("%s %s: %v", event, arg, err)
	}
}

// came are the events of a name that came so far and that nobody asked for. An
// answer to a call has come behind whatever was sent before it.
func (d *device) came(event string) (args []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, packet := range d.events {
		if packet.Event == event {
			args = append(args, string(packet.Arg))
		}
	}
	return args
}
