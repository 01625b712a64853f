package engineio

import (
	"syscall"
	"unsafe"
)

// writeDirect is write(2) on a descriptor that does not block, without telling
// the scheduler. The call is over in microseconds, so nobody needs this
// thread's place meanwhile; taking it away and giving it back costs more than
// the write of a small frame.
func writeDirect(fd int, p []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
