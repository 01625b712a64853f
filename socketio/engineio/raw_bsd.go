//go:build unix && !linux

package engineio

import "syscall"

// writeDirect is write(2) on a descriptor that does not block.
func writeDirect(fd int, p []byte) (int, error) {
	n, err := syscall.Write(fd, p)
	return max(0, n), err
}
