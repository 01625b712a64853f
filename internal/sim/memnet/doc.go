// Package memnet is a network in memory for tests with virtual time: listeners
// and connections that behave as TCP does where a server can tell, and can be
// broken as TCP can. Bytes take time to arrive, a window bounds what the peer
// has not read, deadlines hold, and a connection can be cut in the middle of
// what is under way, reset, or go silent without a word.
//
// It has no goroutine of its own, and whoever waits in it waits on a channel:
// inside a bubble of testing/synctest time goes on.
package memnet
