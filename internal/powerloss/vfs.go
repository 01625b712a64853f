package powerloss

import (
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrPlatform means that the layer does not exist on this platform.
var ErrPlatform = errors.New("powerloss: Linux only")

// Watch notes what SQLite does to the files of a directory from now on, in this
// process, until stop is called. The directory has to be empty, and no database
// in it open. Whatever is opened while it is watched has to be closed before
// stop.
func Watch(dir string) (disk *Disk, stop func(), err error) {
	if runtime.GOOS != "linux" {
		return nil, nil, ErrPlatform
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, nil, err
	}
	if err := install(); err != nil {
		return nil, nil, err
	}
	disk = newDisk(dir)
	layer.mu.Lock()
	defer layer.mu.Unlock()
	layer.disks[dir] = disk
	return disk, func() {
		layer.mu.Lock()
		defer layer.mu.Unlock()
		delete(layer.disks, dir)
	}, nil
}

// layer is the VFS. It is installed once and stays for the life of the process;
// what is not watched passes through.
var layer struct {
	once    sync.Once
	failure error

	below   *sqlite3.Tsqlite3_vfs // the platform's
	belowAt uintptr
	openDir uintptr             // the platform's way to open a directory, to force it
	methods map[uintptr]uintptr // the layer's methods for files, by the platform's

	mu    sync.Mutex
	disks map[string]*Disk   // by directory
	files map[uintptr]opened // those that are watched, by SQLite's address of them
}

// opened is a file that SQLite has open.
type opened struct {
	disk *Disk
	file *file
}

// A file of the layer is a file of the platform, behind a word of its own:
//
//	pMethods   the layer's methods
//	…          the platform's file
const header = unsafe.Sizeof(sqlite3.Tsqlite3_file{})

func install() error {
	layer.once.Do(func() {
		tls := libc.NewTLS()
		layer.disks, layer.files = make(map[string]*Disk), make(map[uintptr]opened)
		layer.methods = make(map[uintptr]uintptr)
		layer.belowAt = sqlite3.Xsqlite3_vfs_find(tls, 0)
		if layer.belowAt == 0 {
			layer.failure = errors.New("powerloss: SQLite has no VFS")
			return
		}
		layer.below = at[sqlite3.Tsqlite3_vfs](layer.belowAt)
		name, err := libc.CString("powerloss")
		if err != nil {
			layer.failure = err
			return
		}
		own := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
		vfs := at[sqlite3.Tsqlite3_vfs](own)
		*vfs = *layer.below
		vfs.FpNext = 0
		vfs.FzName = name
		vfs.FszOsFile += int32(header)
		vfs.FxOpen = pointer(open)
		vfs.FxDelete = pointer(unlink)
		layer.failure = errors.Join(watchDirectories(tls), registered(sqlite3.Xsqlite3_vfs_register(tls, own, 1)))
	})
	return layer.failure
}

func registered(code int32) error {
	if code != sqlite3.SQLITE_OK {
		return errors.New("powerloss: SQLite does not take the VFS")
	}
	return nil
}

// watchDirectories is told when SQLite forces a directory: it opens it for
// nothing else.
func watchDirectories(tls *libc.TLS) error {
	name, err := libc.CString("openDirectory")
	if err != nil {
		return err
	}
	get := call[func(*libc.TLS, uintptr, uintptr) uintptr](layer.below.FxGetSystemCall)
	set := call[func(*libc.TLS, uintptr, uintptr, uintptr) int32](layer.below.FxSetSystemCall)
	if layer.openDir = get(tls, layer.belowAt, name); layer.openDir == 0 {
		return errors.New("powerloss: SQLite has no way to open a directory")
	}
	return registered(set(tls, layer.belowAt, name, pointer(openDirectory)))
}

func openDirectory(tls *libc.TLS, path, descriptor uintptr) int32 {
	if disk, _ := watched(path); disk != nil {
		disk.note(change{kind: syncDir})
	}
	return call[func(*libc.TLS, uintptr, uintptr) int32](layer.openDir)(tls, path, descriptor)
}

// watched finds the disk that a path is on, and its name there.
func watched(path uintptr) (*Disk, string) {
	if path == 0 {
		return nil, "" // a temporary file
	}
	text := libc.GoString(path)
	layer.mu.Lock()
	defer layer.mu.Unlock()
	dir, name := filepath.Split(text)
	disk := layer.disks[filepath.Clean(dir)]
	if disk == nil || strings.HasSuffix(name, "-shm") {
		return nil, ""
	}
	return disk, name
}

func open(tls *libc.TLS, _, path, file uintptr, flags int32, outFlags uintptr) int32 {
	own := at[sqlite3.Tsqlite3_file](file)
	own.FpMethods = 0
	disk, name := watched(path)
	code := call[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](layer.below.FxOpen)(tls, layer.belowAt, path, file+header, flags, outFlags)
	below := at[sqlite3.Tsqlite3_file](file + header)
	if below.FpMethods != 0 {
		own.FpMethods = methodsOver(tls, below.FpMethods)
	}
	if code != sqlite3.SQLITE_OK || disk == nil {
		return code
	}
	disk.note(change{kind: create, name: name})
	layer.mu.Lock()
	defer layer.mu.Unlock()
	layer.files[file] = opened{disk, disk.named(name)}
	return code
}

func unlink(tls *libc.TLS, _, path uintptr, force int32) int32 {
	if disk, name := watched(path); disk != nil {
		disk.note(change{kind: remove, name: name})
	}
	return call[func(*libc.TLS, uintptr, uintptr, int32) int32](layer.below.FxDelete)(tls, layer.belowAt, path, force)
}

// find is the watched file of this address; its disk is nil when it is none.
func find(file uintptr) opened {
	layer.mu.Lock()
	defer layer.mu.Unlock()
	return layer.files[file]
}
