//go:build unix

// Package relay is the floor under Parley's measurements: the least work with
// which a program can take chat messages in over WebSocket and hand them to
// everyone in a room. It writes raw frames to raw sockets, one write(2) per
// delivery or per batch of frames, and does nothing else: no accounts, no log,
// no history, no limits, no care for slow readers (one stuck socket holds up
// its room).
//
// It speaks just enough of Engine.IO v4 and Socket.IO v5 (WebSocket only,
// namespace "/" only) that one load generator drives it, node's Socket.IO and
// Parley with the same bytes:
//
//	client: 40                                            connect
//	client: 42<id>["joinRoom",{"roomId":<room>}]          acknowledged {"ok":true,"head":{"seq":<last>}}
//	client: 42[<id>]["sendMessage",{...}]                 acknowledged, if it carries an id, behind the event
//	server: 42["receiveMessage",{"seq":<n>,"kind":"message",...}]
//
// A socket joins one room, for good. A message goes to the room of the socket
// that sends it.
package relay
