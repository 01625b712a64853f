// Package chat holds the words of Parley: users, rooms, members, events, the
// limits and errors that every surface shares, and [Apply], the pure function
// that decides what a record of the log does to its room.
//
// It imports nothing else of Parley and does no I/O: everything here gives the
// same answer on every node, in the recorder, and in a test.
package chat
