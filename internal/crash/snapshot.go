package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// How much is read how often, so that a long campaign stays linear.
const (
	// smallFiles are copied after every fault, larger ones when they have
	// grown by a quarter since.
	smallFiles = 64 << 20
	// Up to fewRecords every row is read each time; later those that are new,
	// and all of them every wholeEvery snapshots and in the end.
	fewRecords = 4000
	wholeEvery = 50
)

var copied = []string{"log.db", "log.db-wal", "parley.db", "parley.db-wal"}

// snapshot reads copies of the server's files, while it does not run, if that
// is due.
func (c *campaign) snapshot() error {
	size, err := c.filesSize()
	if err != nil || size > smallFiles && size < c.copied*5/4 {
		return err
	}
	whole := c.files.Logged() < fewRecords || c.files.Looks()%wholeEvery == 0
	_, err = c.look(size, whole)
	return err
}

// lastSnapshot reads everything, and returns how many records of the log the
// store has not got.
func (c *campaign) lastSnapshot() (behind int64, err error) {
	size, err := c.filesSize()
	if err != nil {
		return 0, err
	}
	return c.look(size, true)
}

func (c *campaign) filesSize() (bytes int64, err error) {
	for _, name := range copied {
		info, err := os.Stat(filepath.Join(c.dir, dataDir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		bytes += info.Size()
	}
	return bytes, nil
}

func (c *campaign) look(size int64, whole bool) (behind int64, err error) {
	c.copied = size
	dir, err := os.MkdirTemp(c.dir, "copy-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, name := range copied {
		if err := copyFile(filepath.Join(c.dir, dataDir, name), filepath.Join(dir, name)); err != nil {
			return 0, err
		}
	}
	return c.files.Look(dir, whole)
}

// copyFile copies a file that may be missing.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}
