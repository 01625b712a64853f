package server

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

const modesMatter = false

// lockedByte lies behind the process id, which others must be able to read.
const lockedByte = 1 << 20

// lockExclusively locks a file for this process. held: another has it.
func lockExclusively(file *os.File) (held bool, err error) {
	place := windows.Overlapped{Offset: lockedByte}
	err = windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &place)
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION), err
}

// syncDir does nothing: names are part of what the file system journals here,
// and a directory cannot be forced to the disk.
func syncDir(string) error { return nil }
