// Package rig lets a test stand outside of Parley: it builds the binary, runs
// it in a directory and on a port of its own, kills it and starts it again,
// registers people, and connects them with a client that says exactly what it
// is told to.
//
// Everything here waits for something that happens, never for a time to pass,
// and gives up after [Patience]. Methods fail the test themselves, so that a
// test reads like a script; those whose names begin with Try return an error
// instead and may be called from any goroutine.
package rig

import "time"

// Patience is how long a test waits for what has to happen. It is far more
// than anything here takes, because the machine may be busy with other tests.
const Patience = 60 * time.Second
