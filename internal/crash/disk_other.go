//go:build !linux

package main

import "errors"

// disk is a small file system, which can be had on Linux only.
type disk struct{}

func mountDisk(string) (*disk, error) {
	return nil, errors.New("a disk to fill can be made on Linux only")
}

func (*disk) fill() error    { return errors.ErrUnsupported }
func (*disk) free() error    { return errors.ErrUnsupported }
func (*disk) unmount() error { return errors.ErrUnsupported }
