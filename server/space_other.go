//go:build !linux && !darwin && !freebsd

package server

// freeBytes does not know.
func freeBytes(string) (bytes uint64, known bool) { return 0, false }
