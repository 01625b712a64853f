// Package sim lives a server's life in virtual time: a whole node on its real
// log and store, people with several devices, and a network, a log and a store
// that fail in every way that [DESIGN.md] lists. What the clients saw and what
// the files hold in the end is judged by package check.
//
// It is for tests: see [Series].
//
// [DESIGN.md]: https://github.com/parleychat/parley/blob/main/internal/sim/DESIGN.md
package sim
