// Package server puts Parley together: it is the one place that knows every
// package. [New] opens what a [Config] names, in order, and refuses what could
// not keep its promises; [Server.Run] serves until it is told to stop or
// something breaks that it cannot go on without, and then stops in order.
//
// Start: lock the data directory, open the store (which migrates it), open the
// log, check that the two belong together, bind the address; then recorder,
// hub, gateway, HTTP, and rooms that a former process left half made.
//
// Stop: sockets are told to come back and each is served until its moment,
// requests under way are answered, the recorder reaches the log's end, then
// log, store and lock are let go. Within [DrainTime], whatever happens.
package server
