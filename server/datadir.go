package server

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/backup"
)

// Names in the data directory.
const (
	lockFile  = "lock"
	logFile   = "log.db"
	storeFile = "parley.db"
	jwtFile   = "jwt.key"
	nodeFile  = "node-id"
)

// dataDir is the locked directory of a server. The lock ends with the process,
// however it ends.
type dataDir struct {
	path string
	lock *os.File
}

// openDataDir makes the directory, if there is none, and locks it against a
// second process.
func openDataDir(path string, logger *slog.Logger) (*dataDir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := makeDir(path); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if open := info.Mode().Perm() & 0o077; open != 0 && modesMatter {
		logger.Warn("other users of this machine can look into the data directory; give it mode 0700",
			slog.String("directory", path), slog.String("mode", info.Mode().Perm().String()))
	}
	lock, err := os.OpenFile(filepath.Join(path, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	d := &dataDir{path: path, lock: lock}
	if err := d.take(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if err := backup.CheckFinished(path); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return d, nil
}

// forceNames forces the names in a directory to the disk. A test looks on.
var forceNames = syncDir

// makeDir makes the directory so that a power failure does not take it away
// with all that is in it. Until there is a store, an earlier start may have
// ended before it had forced the names.
func makeDir(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(path, storeFile)); err == nil {
		return nil
	}
	for above := filepath.Dir(path); ; above = filepath.Dir(above) {
		// What this user may not even read was not made by it.
		if err := forceNames(above); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
		if above == filepath.Dir(above) {
			return nil
		}
	}
}

// take locks the file and writes into it who has it.
func (d *dataDir) take() error {
	held, err := lockExclusively(d.lock)
	if held {
		return fmt.Errorf("the data directory %s is in use by another Parley%s: stop that one, or choose another directory with --data", d.path, d.holder())
	}
	if err != nil {
		return fmt.Errorf("lock data directory %s: %w", d.path, err)
	}
	if err := d.lock.Truncate(0); err != nil {
		return fmt.Errorf("lock data directory: %w", err)
	}
	// On a full disk nobody is told who has it; it is locked all the same.
	if _, err := d.lock.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0); err != nil && !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("lock data directory: %w", err)
	}
	return nil
}

// holder names the process that has the lock, as far as it has said.
func (d *dataDir) holder() string {
	text, err := io.ReadAll(io.NewSectionReader(d.lock, 0, 32))
	if err != nil {
		return ""
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (process %d)", pid)
}

func (d *dataDir) file(name string) string { return filepath.Join(d.path, name) }

func (d *dataDir) close() error { return d.lock.Close() }

// nodeID is the name of the server whose directory this is, the same at each
// start. If it cannot be kept, it is for this start alone.
func (d *dataDir) nodeID() string {
	if text, err := os.ReadFile(d.file(nodeFile)); err == nil {
		if id := strings.TrimSpace(string(text)); checkNodeID(id) == nil {
			return id
		}
	}
	id := newNodeID()
	_ = os.WriteFile(d.file(nodeFile), []byte(id+"\n"), 0o600)
	return id
}

// key reads a key of the server from the directory, or makes it: 32 random
// bytes in a file that only this user can read.
func (d *dataDir) key(name string) ([]byte, error) {
	path := d.file(name)
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := writeKey(path); err != nil {
			return nil, fmt.Errorf("make key: %w", err)
		}
		key, err = readKey(path)
	}
	return key, err
}

// readKey reads a key that was made before.
func readKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := decodeKey(string(bytes.TrimSpace(text)))
	if err != nil {
		return nil, fmt.Errorf("key %s: %w; remove the file to have a new one made", path, err)
	}
	return key, nil
}

// decodeKey reads a key as text, and refuses weak ones.
func decodeKey(text string) ([]byte, error) {
	key, err := hex.DecodeString(text)
	if err != nil {
		return nil, errors.New("it must be hexadecimal digits") // what it is, is not told
	}
	return key, checkKey(key)
}

// checkKey refuses keys that somebody has typed.
func checkKey(key []byte) error {
	if len(key) < auth.MinKeyBytes {
		return fmt.Errorf("it has %d bytes, at least %d are needed", len(key), auth.MinKeyBytes)
	}
	distinct := make(map[byte]bool)
	for _, b := range key {
		distinct[b] = true
	}
	if len(distinct) < 12 { // 32 random bytes have some 30
		return errors.New("it is not random")
	}
	return nil
}

func newKey() []byte {
	key := make([]byte, auth.MinKeyBytes)
	rand.Read(key) // never fails, see its documentation
	return key
}

// writeKey leaves either no file or a whole one, whenever the process ends or
// the power fails. When it returns the file stays: what is signed with the key
// must be known again.
func writeKey(path string) error {
	temporary := path + ".new"
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(hex.EncodeToString(newKey()) + "\n")
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return forceNames(filepath.Dir(path))
}
