// Package socketio is a server of the Socket.IO protocol, version 5, over
// Engine.IO, version 4: what the official clients of Socket.IO 3 and 4 speak.
// It carries events between sockets and the program that uses it, and knows
// nothing about what they mean: there are no rooms and no broadcasting here,
// because who gets what is the program's business. What there is instead is a
// write path made for it: encode an event once with [EventFrame], [Socket.Queue]
// the same bytes on any number of sockets, and [Socket.Flush] each of them,
// which is one system call and never waits.
//
// A connection begins with Namespace.Use, where the program decides who may
// connect, and Namespace.OnConnect, where it gets the [Socket] and says who
// handles its events. See the example, and DESIGN.md for goroutines, locks and
// memory.
//
// Packages below: engineio has the sessions and transports, wsframe the frames
// of RFC 6455, browser the official client for a script tag.
package socketio
