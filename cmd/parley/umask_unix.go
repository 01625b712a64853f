//go:build unix

package main

import "syscall"

// keepPrivate makes every file that the server makes readable by its own user
// alone, also in a data directory that is open to others.
func keepPrivate() { syscall.Umask(0o077) }
