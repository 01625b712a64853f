//go:build linux || darwin || freebsd

package server

import (
	"os"

	"golang.org/x/sys/unix"
)

// descriptors are how many are open, 0 where nobody tells, and how many may be.
func descriptors() (open int, limit uint64) {
	var rlimit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &rlimit) == nil {
		limit = uint64(rlimit.Cur)
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0, limit
	}
	return len(entries), limit
}

// freeSpace is how many bytes and files this user can still put on the disk of
// a directory.
func freeSpace(path string) (bytes, files uint64, err error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(path, &fs); err != nil {
		return 0, 0, err
	}
	return uint64(fs.Bavail) * uint64(fs.Bsize), uint64(fs.Ffree), nil
}
