// Package fanout turns the log into what this node's sockets are sent, and
// takes what they send to the log.
//
// A [Hub] follows every partition of the log. Of rooms that are open here it
// keeps the state, applies each record with [chat.Apply], keeps the last events
// in a ring, answers the sender and hands one encoded frame to the shards,
// which write it to every subscribed socket. Of all other rooms it keeps the
// undecoded records that the store may not have yet, and nothing else.
//
// It knows neither Socket.IO nor SQL: a client's connection is a [Conn], the
// store is the small [Store].
package fanout
