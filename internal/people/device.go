package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/protocol"
)

// Device is one program of one person. It keeps its places and outboxes across
// connections, as an app does on its disk.
type Device struct {
	// Dial opens the connections underneath; nil is that of [net.Dialer].
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	crowd     *Crowd
	name      string
	person    *Person
	transport client.Transport
	slow      bool // stops reading for a while, now and then
	places    []*place
	last      string        // the server that it was connected to before; "" at first
	settled   chan struct{} // closed when it is quiet and has joined all its rooms
	once      sync.Once     // closes settled
	gone      chan struct{} // closed by Leave
}

// Add gives a person one more device, which is in these rooms.
func (c *Crowd) Add(p *Person, transport client.Transport, rooms ...int64) *Device {
	d := &Device{
		crowd: c, name: fmt.Sprintf("%s.d%d", p.Name, len(p.Devices)+1), person: p, transport: transport,
		settled: make(chan struct{}), gone: make(chan struct{}),
	}
	for _, room := range rooms {
		d.places = append(d.places, newPlace(room))
	}
	p.Devices = append(p.Devices, d)
	c.Devices = append(c.Devices, d)
	return d
}

// ReadSlowly makes the device stop reading for a while, now and then.
func (d *Device) ReadSlowly() { d.slow = true }

// Person is whose it is.
func (d *Device) Person() *Person { return d.person }

// Transport is how it connects.
func (d *Device) Transport() client.Transport { return d.transport }

// In reports whether it is in a room.
func (d *Device) In(room int64) bool { return d.place(room) != nil }

// Leave makes the device go away for good. It is called once, and when nothing
// is written down any more: nobody goes like that in a history.
func (d *Device) Leave() { close(d.gone) }

// run connects again and again until ctx ends or the device leaves.
func (d *Device) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-d.gone:
			cancel()
		case <-ctx.Done():
		}
	}()
	dialer := client.Dialer{DialContext: d.Dial}
	for ctx.Err() == nil {
		base, err := d.crowd.Server(ctx)
		if err != nil {
			return
		}
		d.crowd.History.Write(check.Line{What: check.Connect, Device: d.name, Event: check.Event{User: d.person.ID}, Via: string(d.transport)})
		conn, err := dialer.Dial(ctx, base, d.transport, protocol.Auth{Token: d.person.Token})
		if err != nil {
			d.crowd.History.Write(check.Line{What: check.Close, Device: d.name, Code: "refused"})
			d.notLetIn(err)
			Pause(ctx, 10*time.Millisecond+d.crowd.Dice.UpTo(90*time.Millisecond))
			continue
		}
		d.crowd.History.Write(check.Line{What: check.Connected, Device: d.name})
		away := d.session(ctx, base, conn)
		if !d.crowd.isQuiet() {
			Pause(ctx, away)
		}
	}
}

// notLetIn notes a refusal that means a lost account or session.
func (d *Device) notLetIn(err error) {
	var refusal *client.RefusedError
	if !errors.As(err, &refusal) {
		return
	}
	var info protocol.ErrorInfo
	if err := json.Unmarshal(refusal.Data, &info); err != nil || info.Code != "unavailable" && info.Code != "busy" {
		d.crowd.Problem("%s was not let in: %v", d.name, refusal)
	}
}

func (d *Device) place(room int64) *place {
	for _, p := range d.places {
		if p.room == room {
			return p
		}
	}
	return nil
}
