package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// reading reads until ctx ends.
type reading struct {
	ctx context.Context
	io.Reader
}

func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// describe reads a file for the manifest.
func describe(ctx context.Context, dir, name string) (File, error) {
	file, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return File{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return File{}, err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, reading{ctx, file})
	if err != nil {
		return File{}, err
	}
	return File{Name: name, Bytes: n, Mode: info.Mode().Perm(), SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
}

// copyFile copies a file with its mode, to the disk.
func copyFile(ctx context.Context, from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	return writeFile(reading{ctx, in}, to, info.Mode().Perm())
}

// writeFile writes a new file, to the disk.
func writeFile(from io.Reader, to string, mode fs.FileMode) (err error) {
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, from)
	if err == nil {
		err = out.Chmod(mode) // whatever the umask
	}
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// removeIfThere removes a file that may have been moved away.
func removeIfThere(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
