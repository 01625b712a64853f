// Package client is a Socket.IO v5 client over Engine.IO v4 as a test of a
// server needs it: over WebSocket or over long-polling, without an upgrade,
// without reconnecting by itself, for the namespace "/" and text packets. It
// hides nothing: whoever uses it reads packet by packet and learns of a cut
// where it happened.
//
// It shares no code with the server's side.
package client
