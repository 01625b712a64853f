package backup

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// writeTar puts the files of dir into one file, the manifest first, so that
// whoever reads it knows what is to come.
func writeTar(ctx context.Context, dir, target string, m *Manifest) (err error) {
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w := tar.NewWriter(out)
	for _, name := range append([]string{manifestFile}, contents...) {
		if err := addToTar(ctx, w, dir, name, m); err != nil {
			return err
		}
		// What is in the tar file is not needed beside it: the disk need not
		// have room for both.
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return out.Sync()
}

func addToTar(ctx context.Context, w *tar.Writer, dir, name string, m *Manifest) error {
	file, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := w.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: info.Size(), Mode: int64(info.Mode().Perm()), ModTime: m.CreatedAt, Format: tar.FormatPAX,
	}); err != nil {
		return err
	}
	_, err = io.Copy(w, reading{ctx, file})
	return err
}

// readTar takes the files out of a tar file into dir. Nothing else than the
// files of a backup is taken.
func readTar(ctx context.Context, source, dir string) error {
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	known := append([]string{manifestFile}, contents...)
	for r := tar.NewReader(reading{ctx, in}); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is no tar file of a backup: %w", err)
		}
		if header.Typeflag != tar.TypeReg || !slices.Contains(known, header.Name) {
			return fmt.Errorf("it is no backup: it has %q", header.Name)
		}
		if err := writeFile(r, filepath.Join(dir, header.Name), fs.FileMode(header.Mode)&fs.ModePerm); err != nil {
			return err
		}
	}
}
