//go:build linux || darwin || freebsd

package server

import "golang.org/x/sys/unix"

// freeBytes is how much may still be written to the disk that a file is on.
func freeBytes(path string) (bytes uint64, known bool) {
	var disk unix.Statfs_t
	if err := unix.Statfs(path, &disk); err != nil {
		return 0, false
	}
	return uint64(disk.Bavail) * uint64(disk.Bsize), true
}
