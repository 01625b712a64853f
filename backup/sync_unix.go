//go:build unix

package backup

import (
	"errors"
	"os"
)

// syncDir forces to the disk which names a directory has.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
