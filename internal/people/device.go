package people

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
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

	// SignIn begins a session of the device's own, and again when that was ended.
	// nil: it has the person's.
	SignIn func(ctx context.Context) (token string, err error)

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

	mu    sync.Mutex
	token string // of its own session; empty: none
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
		token, err := d.signedIn(ctx)
		if err != nil {
			Pause(ctx, 100*time.Millisecond+d.crowd.Dice.UpTo(time.Second))
			continue
		}
		d.crowd.History.Write(check.Line{What: check.Connect, Device: d.name, Event: check.Event{User: d.person.ID}, Via: string(d.transport), Session: d.Session()})
		conn, err := dialer.Dial(ctx, base, d.transport, protocol.Auth{Token: token})
		if err != nil {
			d.crowd.History.Write(check.Line{What: check.Close, Device: d.name, Code: "refused"})
			d.notLetIn(err)
			Pause(ctx, 10*time.Millisecond+d.crowd.Dice.UpTo(90*time.Millisecond))
			continue
		}
		d.crowd.History.Write(check.Line{What: check.Connected, Device: d.name})
		away := d.session(ctx, base, token, conn)
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
	err = json.Unmarshal(refusal.Data, &info)
	if err == nil && info.Code == "unauthorized" && d.SignIn != nil {
		d.signedOut() // its session was ended
		return
	}
	if err != nil || info.Code != "unavailable" && info.Code != "busy" {
		d.crowd.Problem("%s was not let in: %v", d.name, refusal)
	}
}

// signedIn is the token that the device connects with.
func (d *Device) signedIn(ctx context.Context) (token string, err error) {
	if d.SignIn == nil {
		return d.person.Token, nil
	}
	d.mu.Lock()
	token = d.token
	d.mu.Unlock()
	if token != "" {
		return token, nil
	}
	if token, err = d.SignIn(ctx); err != nil {
		return "", err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.token = token
	return token, nil
}

// signedOut forgets the device's own session.
func (d *Device) signedOut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.token = ""
}

// Session is the id of the device's own session, empty if it has none at the
// moment.
func (d *Device) Session() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	parts := strings.Split(d.token, ".")
	if len(parts) != 3 {
		return ""
	}
	var claims struct {
		SID string `json:"sid"`
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.SID
}

func (d *Device) place(room int64) *place {
	for _, p := range d.places {
		if p.room == room {
			return p
		}
	}
	return nil
}
