package backup

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/store"
)

// Restore makes the contents of a data directory of a backup: a directory or a
// tar file. dir is there, empty and locked by the caller. After an error it is
// as it was; a process that is killed leaves what [CheckFinished] refuses.
//
// The restored log has a new epoch, all sessions are ended; see
// [eventlog.RenewSQLite] and [store.Store.BeginAnew].
func Restore(ctx context.Context, source, dir string) (_ *Manifest, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("restore %s to %s: %w", source, dir, err)
		}
	}()
	building := filepath.Join(dir, unfinished+rand.Text()[:8])
	if err := os.Mkdir(building, 0o700); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(building)) }()
	manifest, err := unpack(ctx, source, building)
	if err != nil {
		return nil, err
	}
	if err := renew(ctx, building, manifest); err != nil {
		return nil, err
	}
	if err := syncDir(building); err != nil {
		return nil, err
	}
	return manifest, install(building, dir)
}

// unfinished begins the name of the directory in which a restore works.
const unfinished = "restoring-"

// CheckFinished refuses a data directory in which a restore was killed: it may
// lack anything.
func CheckFinished(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), unfinished) {
			return fmt.Errorf("a restore into %s was interrupted (%s is left of it): empty the directory and restore again", dir, entry.Name())
		}
	}
	return nil
}

// unpack takes the files of the backup into dir and checks them.
func unpack(ctx context.Context, source, dir string) (*Manifest, error) {
	info, err := os.Stat(source)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		for _, name := range append([]string{manifestFile}, contents...) {
			err := copyFile(ctx, filepath.Join(source, name), filepath.Join(dir, name))
			if errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("it is no backup, or not all of one: %w", err)
			}
			if err != nil {
				return nil, err
			}
		}
	} else if err := readTar(ctx, source, dir); err != nil {
		return nil, err
	}
	text, err := os.Open(filepath.Join(dir, manifestFile))
	if err != nil {
		return nil, fmt.Errorf("it is no backup, or not all of one: %w", err)
	}
	defer text.Close()
	m, err := readManifest(text)
	if err != nil {
		return nil, err
	}
	return m, m.compare(ctx, dir)
}

// compare checks that the files are those that the manifest describes.
func (m *Manifest) compare(ctx context.Context, dir string) error {
	for _, want := range m.Files {
		got, err := describe(ctx, dir, want.Name)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("it is no backup, or not all of one: %s is missing", want.Name)
		}
		if err != nil {
			return err
		}
		if got.Bytes != want.Bytes || got.SHA256 != want.SHA256 {
			return fmt.Errorf("%s is damaged: it has %d bytes and SHA-256 %s, the backup was made with %d bytes and %s", want.Name, got.Bytes, got.SHA256, want.Bytes, want.SHA256)
		}
		if err := os.Chmod(filepath.Join(dir, want.Name), want.Mode); err != nil {
			return err
		}
	}
	return nil
}

// renew makes of the copies what a server can go on with.
func renew(ctx context.Context, dir string, m *Manifest) error {
	renewed, err := eventlog.RenewSQLite(filepath.Join(dir, logFile))
	if err != nil {
		return err
	}
	if want := m.Partitions[0].Watermark; renewed.Former != m.Epoch || renewed.Next != want {
		return fmt.Errorf("the log goes up to offset %d of epoch %s, the backup was made at %d of %s", renewed.Next, renewed.Former, want, m.Epoch)
	}
	db, err := store.Open(ctx, store.Config{Path: filepath.Join(dir, storeFile)})
	if err != nil {
		return err
	}
	err = db.BeginAnew(ctx, store.Restored{
		Former: renewed.Former, Epoch: renewed.Epoch, Next: []int64{renewed.Next}, At: time.Now().UnixMilli(),
	})
	return errors.Join(err, db.Close())
}

// install moves the files into the directory. As long as the directory building
// is there, no server starts; see [CheckFinished].
func install(building, dir string) (err error) {
	var installed []string
	defer func() {
		if err != nil {
			for _, path := range installed {
				err = errors.Join(err, os.Remove(path))
			}
		}
	}()
	for _, name := range contents {
		path := filepath.Join(dir, name)
		if err := os.Rename(filepath.Join(building, name), path); err != nil {
			return err
		}
		installed = append(installed, path)
	}
	return errors.Join(syncDir(dir), syncDir(filepath.Dir(dir)))
}
