package engineio

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"
)

// Config says how a [Server] behaves. Fields left zero get the default that
// stands beside them.
type Config struct {
	// Open is called for every new session, before anything is read from it,
	// and returns who receives its messages. It must not block, and may keep
	// the session and call SetTimeout, but use it otherwise only after it has
	// returned. Of the request the header and URL may be kept. Required.
	Open func(*Session, *http.Request) Receiver

	// PingInterval is the time from one ping to the next (25 s), and PingTimeout
	// how long a peer has for its pong (20 s).
	PingInterval, PingTimeout time.Duration

	// UpgradeTimeout is how long a WebSocket that wants to take over a polling
	// session has for the whole of it (10 s).
	UpgradeTimeout time.Duration

	// FarewellTimeout is how long a session that this side closed is kept for
	// its last frames to go out and for the peer to hang up (5 s).
	FarewellTimeout time.Duration

	// TransferTimeout is how long one polling request body may take to arrive,
	// one polling answer to be read, and one write to a TLS connection (20 s).
	TransferTimeout time.Duration

	// MaxPayload is the longest message and the longest polling body that is
	// taken, in bytes (1,000,000).
	MaxPayload int

	// MaxQueue bounds what may wait to be sent on one session, in bytes; each
	// frame counts 24 more for its place in the queue (1 MiB).
	MaxQueue int

	// MaxPollBuffer is the longest polling answer in bytes, unless one packet
	// alone is longer; the rest waits for the next poll (1 MiB).
	MaxPollBuffer int

	// SendBuffer caps the kernel's send buffer of a WebSocket, in bytes, so that
	// peers that do not read cost the kernel little (128 KiB; negative leaves it
	// to the kernel).
	SendBuffer int

	// MaxPerAddress is how many sessions one address may have at a time; more
	// are refused with status 429 (0: any number). Address says whose session a
	// request would open; by default it is the peer of the TCP connection, for
	// IPv6 its /64. The zero Addr is not counted.
	MaxPerAddress int
	Address       func(*http.Request) netip.Addr

	// AllowOrigin says whether pages of an origin may connect. It is asked only
	// about well-formed origins that are not the server's own host; "null" is
	// refused, and a request without Origin, which no page can make, is
	// allowed. By default nobody but the own host may; see [AllowList].
	AllowOrigin func(origin string, r *http.Request) bool

	// AllowCredentials lets allowed pages of other origins send cookies.
	AllowCredentials bool

	// Overflow is called once, when Queue first refuses a frame of a session
	// because of MaxQueue, on the goroutine that called Queue and with no lock
	// held. It must not block. By default the session is closed as slow.
	Overflow func(*Session)

	// SessionIDPrefix stands before the random part of every session id. It may
	// hold letters, digits, '-', '_' and '.', at most 32.
	SessionIDPrefix string

	// Logger gets failures of this side, such as a panic in a Receiver. Nothing
	// a peer can do makes it write. By default slog.Default().
	Logger *slog.Logger
}

// withDefaults fills what is zero and refuses what cannot work.
func (c Config) withDefaults() (Config, error) {
	if c.Open == nil {
		return c, fmt.Errorf("engineio: Config.Open is missing")
	}
	setDefault(&c.PingInterval, 25*time.Second)
	setDefault(&c.PingTimeout, 20*time.Second)
	setDefault(&c.UpgradeTimeout, 10*time.Second)
	setDefault(&c.FarewellTimeout, 5*time.Second)
	setDefault(&c.TransferTimeout, 20*time.Second)
	setDefault(&c.MaxPayload, 1_000_000)
	setDefault(&c.MaxQueue, 1<<20)
	setDefault(&c.MaxPollBuffer, 1<<20)
	setDefault(&c.SendBuffer, 128<<10)
	for _, d := range []time.Duration{c.PingInterval, c.PingTimeout, c.UpgradeTimeout, c.FarewellTimeout, c.TransferTimeout} {
		if d < minTick {
			return c, fmt.Errorf("engineio: a time of %v is below %v", d, minTick)
		}
	}
	if c.MaxPayload < 1 || c.MaxQueue < 1 || c.MaxPollBuffer < 1 || c.MaxPerAddress < 0 {
		return c, fmt.Errorf("engineio: a limit is negative")
	}
	if len(c.SessionIDPrefix) > 32 {
		return c, fmt.Errorf("engineio: session id prefix %q is longer than 32", c.SessionIDPrefix)
	}
	for _, b := range []byte(c.SessionIDPrefix) {
		if !isIDByte(b) {
			return c, fmt.Errorf("engineio: session id prefix %q has a character that is not allowed", c.SessionIDPrefix)
		}
	}
	if c.Address == nil {
		c.Address = peerAddress
	}
	if c.AllowOrigin == nil {
		c.AllowOrigin = AllowList()
	}
	if c.Overflow == nil {
		c.Overflow = func(s *Session) { s.CloseAfter(ReasonSlow) }
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c, nil
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

func isIDByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-' || b == '_' || b == '.'
}

// peerAddress is the address of the TCP connection; of an IPv6 peer only the
// network, since whoever has one address there has 2^64.
func peerAddress(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := at.Addr().Unmap().WithZone("")
	if addr.Is6() {
		if network, err := addr.Prefix(64); err == nil {
			return network.Addr()
		}
	}
	return addr
}
