package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// diskSize holds the data of a campaign, and the journals beside it.
const diskSize = "64m"

// disk is a small file system.
type disk struct {
	path   string
	filler string
}

// mountDisk makes a small file system at path. It needs root.
func mountDisk(path string) (*disk, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	if err := unix.Mount("tmpfs", path, "tmpfs", 0, "mode=0700,size="+diskSize); err != nil {
		return nil, fmt.Errorf("mount a tmpfs on %s: %w", path, err)
	}
	return &disk{path: path, filler: filepath.Join(path, "filler")}, nil
}

// fill leaves no byte.
func (d *disk) fill() (err error) {
	file, err := os.Create(d.filler)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for _, size := range []int{1 << 20, 1 << 10, 1} {
		zeros := make([]byte, size)
		for err = nil; err == nil; {
			_, err = file.Write(zeros)
		}
		if !errors.Is(err, unix.ENOSPC) {
			return fmt.Errorf("fill the disk: %w", err)
		}
	}
	return nil
}

// free gives the space back.
func (d *disk) free() error { return os.Remove(d.filler) }

// unmount removes the file system with everything in it.
func (d *disk) unmount() error {
	if err := unix.Unmount(d.path, 0); err != nil {
		return fmt.Errorf("unmount %s: %w", d.path, err)
	}
	return nil
}
