package admin

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// SocketName is the socket's name in the data directory.
const SocketName = "admin.sock"

// maxAddress is how many bytes the address of a Unix socket may have wherever
// Parley runs: 108 on Linux and 104 on others, with a zero at the end.
const maxAddress = 103

var errLongAddress = errors.New("the path of the data directory is too long for a socket in it; use a directory with a shorter path, or a symbolic link to it")

// withAddress calls fn with a path of the file name in dir that is short enough
// for the address of a socket. It is valid during the call.
func withAddress(dir, name string, fn func(address string) error) error {
	if path := filepath.Join(dir, name); len(path) <= maxAddress {
		return fn(path)
	}
	// Linux gives every open directory a short name.
	opened, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer opened.Close()
	short := fmt.Sprintf("/proc/self/fd/%d", opened.Fd())
	if !sameFile(dir, short) {
		return errLongAddress
	}
	return fn(short + "/" + name)
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
