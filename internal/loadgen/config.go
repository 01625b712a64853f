package loadgen

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Workload names what the sockets do.
type Workload string

const (
	// OneRoom has all sockets in one room, Rate messages a second.
	OneRoom Workload = "room"
	// ManyRooms spreads the sockets over Rooms rooms, Rate messages a second in all.
	ManyRooms Workload = "rooms"
	// Saturated has all sockets in one room and keeps Window messages under way.
	Saturated Workload = "saturated"
	// Idle opens First and then all Sockets, and weighs the server at both.
	Idle Workload = "idle"
	// Storm opens all Sockets as fast as Dialers can.
	Storm Workload = "storm"
	// Join connects all Sockets, each of another person, lets them join one new
	// room at once, and sends one message to all of them.
	Join Workload = "join"
)

// Config tells what to run. Only URL and Workload must be set; other zero
// values mean the defaults written beside them.
type Config struct {
	URL      string // of the server, http or https, without a path
	Workload Workload

	Sockets   int           // connections; 1,000 (Idle 15,000, Storm 5,000)
	Rooms     int           // ManyRooms: 100; Idle and Storm: one per 100 sockets; else 1
	Rate      float64       // OneRoom, ManyRooms: messages a second over all rooms; 20, 1,000
	Window    int           // Saturated: messages sent and not yet received by all; 256
	Warmup    time.Duration // sent but not measured; 2 s
	Duration  time.Duration // measured; 10 s
	Drain     time.Duration // longest wait for what is still due at the end; 15 s
	TextBytes int           // length of a message's text; 64
	Dialers   int           // connects under way at once; 64
	First     int           // Idle: sockets at the first weighing; 2,000
	Settle    time.Duration // Idle: wait before a weighing, for garbage to go; Join: for the last presence; 5 s

	// PID is the server's process on this machine: its CPU time, system calls
	// and memory are read from /proc (Linux). 0 watches nothing.
	PID int
	// MetricsURL, if set, is read at each weighing for the Prometheus metrics
	// go_memstats_heap_alloc_bytes and go_memstats_stack_inuse_bytes.
	MetricsURL string

	// Measuring, if set, is called when the measured part of OneRoom, ManyRooms
	// and Saturated begins (true) and when it has ended (false), while the load
	// goes on. The measured part begins when the call returns.
	Measuring func(begins bool) error

	Stage Stage       // people and rooms; Bare
	TLS   *tls.Config // for https; the system's roots
}

// withDefaults returns c with every zero value that has a default replaced.
func (c Config) withDefaults() Config {
	sockets, rooms, rate := 1000, 1, 20.0
	switch c.Workload {
	case ManyRooms:
		rooms, rate = 100, 1000
	case Idle:
		sockets = 15_000
	case Storm:
		sockets = 5000
	}
	orElse(&c.Sockets, sockets)
	if c.Workload == Idle || c.Workload == Storm {
		rooms = max(1, c.Sockets/100)
	}
	orElse(&c.Rooms, rooms)
	orElse(&c.Rate, rate)
	orElse(&c.Window, 256)
	orElse(&c.Warmup, 2*time.Second)
	orElse(&c.Duration, 10*time.Second)
	orElse(&c.Drain, 15*time.Second)
	orElse(&c.TextBytes, 64)
	orElse(&c.Dialers, 64)
	orElse(&c.First, min(2000, c.Sockets/2))
	orElse(&c.Settle, 5*time.Second)
	if c.Stage == nil {
		c.Stage = Bare{}
	}
	return c
}

func orElse[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

// validate refuses what cannot be run; c has its defaults.
func (c Config) validate() (*url.URL, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("loadgen: URL: %w", err)
	}
	if u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("loadgen: URL %q: want http://host:port or https://host:port", c.URL)
	}
	switch c.Workload {
	case OneRoom, Saturated, Join:
		if c.Rooms != 1 {
			return nil, fmt.Errorf("loadgen: workload %q has one room, not %d", c.Workload, c.Rooms)
		}
	case ManyRooms, Idle, Storm:
	default:
		return nil, fmt.Errorf("loadgen: workload %q: want room, rooms, saturated, idle, storm or join", c.Workload)
	}
	switch {
	case c.Sockets < 1 || c.Rooms < 1 || c.Rooms > c.Sockets:
		return nil, fmt.Errorf("loadgen: %d rooms need at least as many sockets, not %d", c.Rooms, c.Sockets)
	case c.Rate < 0 || c.Window < 1 || c.TextBytes < 1 || c.Dialers < 1:
		return nil, errors.New("loadgen: Rate, Window, TextBytes and Dialers must be positive")
	case c.Warmup < 0 || c.Duration < 0 || c.Drain < 0 || c.Settle < 0:
		return nil, errors.New("loadgen: times must not be negative")
	case c.Workload == Idle && (c.First < 1 || c.First >= c.Sockets):
		return nil, fmt.Errorf("loadgen: First must be between 1 and %d sockets, not %d", c.Sockets-1, c.First)
	}
	return u, nil
}
