// Package engineio is a server of the Engine.IO protocol, version 4: sessions
// over HTTP long-polling or WebSocket, the upgrade from one to the other,
// heartbeats, and bounded queues. It carries text and binary messages and
// knows nothing about what they mean; package socketio is its first user.
//
// A [Server] is an http.Handler. For every new session it asks Config.Open for
// a [Receiver], tells it the messages in order of arrival, one at a time, and
// at the end that the session is closed.
//
// Sending has two halves, so that one thing said to thousands of sessions costs
// one encoding and one system call each: [Session.Queue] appends a finished
// frame, made once with [TextFrame] or [BinaryFrame], and [Session.Flush]
// writes everything that is queued at once, without ever waiting for the peer.
// DESIGN.md of package socketio describes who owns what and the order of locks.
package engineio
