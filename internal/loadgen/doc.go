// Package loadgen puts load on a chat server and watches what comes back. It is
// what `parley bench` runs, and what Parley is measured against the programs in
// bench/ with.
//
// It opens many WebSocket connections, speaks as much of Engine.IO v4 and
// Socket.IO v5 as a chat client needs, and sends messages at times fixed before
// the run (open loop): a latency counts from the moment that the message was
// planned for, so a server that stalls cannot slow down the clock it is
// measured with. Meanwhile every socket checks what it is given: each seq of
// its room once and contiguous, each message under one seq for everybody, all
// messages of one sender in the order sent, nothing that was refused. A run
// whose [Result] has violations measured a broken server, whatever its speed.
//
// It measures the server through /proc when it is told the process, and always
// itself, because a generator at its limit measures only that.
//
// Goroutines: one reader per core (Linux; a goroutine per socket elsewhere and
// under TLS) owns what arrives; the goroutine of [Run] alone sends.
package loadgen
