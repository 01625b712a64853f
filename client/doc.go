// Package client is for programs that take part in conversations on a Parley
// server: bots, bridges, tools. It keeps one connection, comes back after every
// cut, and takes care of what is easy to get wrong.
//
//   - Events of a room come once, in the order of their numbers and without a
//     hole, across cuts and restarts: [Room.Next]. What cannot be had in full is
//     announced by an event of kind gap or reset.
//   - A slow reader loses nothing. When 1,000 events wait, the room stops
//     listening and asks for the rest when there is place again.
//   - What is sent happens once: [Room.Send] repeats it under the same cid until
//     the server says that it is durable, or never will be. One after another
//     for each room, in the order in which they were given.
//
// A program that wants the same across its own restarts keeps two things: the
// [Room.Cursor] of what it has handled, to join with [Since] it, and the
// [Draft.CID] of what it has begun to send, to send it again with
// [Draft.Retry].
//
// Who is here, and how they are shown, comes by [Room.Online] and
// [Config.Presence]; [Client.SetStatus] says how the program's own person is
// shown, [Client.SearchPeople] finds others.
//
// The payloads are the structs of package protocol; its documentation tells
// what they mean. The connection is a WebSocket: where only HTTP passes, use a
// Socket.IO client.
package client
