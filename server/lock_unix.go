//go:build unix

package server

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

const modesMatter = true

// lockExclusively locks a file for this process. held: another has it.
func lockExclusively(file *os.File) (held bool, err error) {
	for {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			return errors.Is(err, unix.EWOULDBLOCK), err
		}
	}
}

// syncDir forces the names in a directory to the disk.
func syncDir(path string) (err error) {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	return dir.Sync()
}
