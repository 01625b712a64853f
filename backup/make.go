package backup

import (
	"bytes"
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

// Source is what is backed up.
type Source struct {
	Data    string // directory of jwt.key
	Store   *store.Store
	Log     *eventlog.SQLite // nobody trims it meanwhile
	Version string           // of this program
}

// Make writes a backup to target, which must not exist: a tar file if its name
// ends in .tar, a directory otherwise. Everything that the source's store holds
// when Make is called is in it. The backup is on the disk when Make returns
// nil; after an error, also that of ctx, nothing of it is left. A process that
// is killed leaves something whose name ends in .partial and that can be
// removed.
func Make(ctx context.Context, source Source, target string) (_ *Manifest, err error) {
	if target, err = filepath.Abs(target); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("backup to %s: %w", target, err)
		}
	}()
	if err := isFree(target); err != nil {
		return nil, err
	}
	// It is made beside the target, on the same disk, so that the last step is
	// a rename.
	building := fmt.Sprintf("%s.%s.partial", target, rand.Text()[:8])
	if err := os.Mkdir(building, 0o700); err != nil {
		return nil, fmt.Errorf("%w; the directory must be there, and the server's user must be able to write to it", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(building)) }()
	manifest, err := collect(ctx, source, building)
	if err != nil {
		return nil, err
	}
	finished := building
	if strings.HasSuffix(target, ".tar") {
		finished = building + ".tar"
		defer func() { err = errors.Join(err, removeIfThere(finished)) }()
		if err := writeTar(ctx, building, finished, manifest); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return manifest, moveInto(finished, target)
}

func isFree(target string) error {
	_, err := os.Lstat(target)
	switch {
	case err == nil:
		return fmt.Errorf("%w: a backup overwrites nothing, choose a new name", fs.ErrExist)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

// collect makes the files of the backup in dir.
func collect(ctx context.Context, source Source, dir string) (*Manifest, error) {
	m := &Manifest{Format: Format, Version: source.Version, CreatedAt: time.Now().UTC().Truncate(time.Millisecond), Epoch: source.Log.Epoch()}
	copied := filepath.Join(dir, storeFile)
	if err := source.Store.CopyTo(ctx, copied); err != nil {
		return nil, err
	}
	if err := m.describeStore(ctx, copied, source.Log); err != nil {
		return nil, err
	}
	if err := source.Log.CopyTo(ctx, filepath.Join(dir, logFile), m.Partitions[0].Watermark); err != nil {
		return nil, err
	}
	if err := copyFile(ctx, filepath.Join(source.Data, jwtFile), filepath.Join(dir, jwtFile)); err != nil {
		return nil, err
	}
	for _, name := range contents {
		file, err := describe(ctx, dir, name)
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, file)
	}
	text, err := m.encode()
	if err != nil {
		return nil, err
	}
	if err := writeFile(bytes.NewReader(text), filepath.Join(dir, manifestFile), 0o600); err != nil {
		return nil, err
	}
	return m, syncDir(dir)
}

// describeStore reads of the copy where it stands in the log, and what it
// holds.
func (m *Manifest) describeStore(ctx context.Context, path string, log *eventlog.SQLite) error {
	counts, marks, err := store.CopyContents(ctx, path)
	if err != nil {
		return err
	}
	m.Counts = Counts(counts)
	for partition := range log.Partitions() {
		begin, err := log.Begin(ctx, partition)
		if err != nil {
			return err
		}
		found := false
		for _, mark := range marks {
			if mark.Epoch == m.Epoch && mark.Partition == partition {
				m.Partitions = append(m.Partitions, Partition{partition, begin, mark.Next})
				found = true
			}
		}
		if !found {
			return fmt.Errorf("the store knows nothing of partition %d of the log in epoch %s", partition, m.Epoch)
		}
	}
	return nil
}

// moveInto gives the finished backup its name. Nothing is replaced: a directory
// is not renamed over another one, and a file is linked, which fails when the
// name is taken.
func moveInto(finished, target string) error {
	info, err := os.Lstat(finished)
	if err != nil {
		return err
	}
	if info.IsDir() {
		err = os.Rename(finished, target)
	} else if err = os.Link(finished, target); errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		// A file system without links: the name was free when we began.
		if err = isFree(target); err == nil {
			err = os.Rename(finished, target)
		}
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(target))
}
