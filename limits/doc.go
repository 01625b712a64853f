// Package limits is how much one person may ask for, whatever way they come:
// over any number of sockets, over REST, or over both at once they take from
// the same buckets. Attempts to sign in, which nobody has a name for yet, are
// counted by package auth; connections by package socketio.
package limits
