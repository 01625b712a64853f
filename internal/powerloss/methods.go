package powerloss

import (
	"slices"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// methodsOver makes the layer's methods over those of a platform's file.
func methodsOver(tls *libc.TLS, below uintptr) uintptr {
	layer.mu.Lock()
	defer layer.mu.Unlock()
	if own := layer.methods[below]; own != 0 {
		return own
	}
	own := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_io_methods{})))
	m := at[sqlite3.Tsqlite3_io_methods](own)
	m.FiVersion = min(at[sqlite3.Tsqlite3_io_methods](below).FiVersion, 2) // 3 is for mapped files
	m.FxClose, m.FxRead, m.FxWrite = pointer(closeFile), pointer(readFile), pointer(writeFile)
	m.FxTruncate, m.FxSync, m.FxFileSize = pointer(truncateFile), pointer(forceFile), pointer(fileSize)
	m.FxLock, m.FxUnlock, m.FxCheckReservedLock = pointer(lock), pointer(unlock), pointer(checkReservedLock)
	m.FxFileControl, m.FxSectorSize, m.FxDeviceCharacteristics = pointer(fileControl), pointer(sectorSize), pointer(deviceCharacteristics)
	m.FxShmMap, m.FxShmLock, m.FxShmBarrier, m.FxShmUnmap = pointer(shmMap), pointer(shmLock), pointer(shmBarrier), pointer(shmUnmap)
	layer.methods[below] = own
	return own
}

// methodsOf are those of the platform's file below a file of the layer.
func methodsOf(file uintptr) (below uintptr, m *sqlite3.Tsqlite3_io_methods) {
	below = file + header
	return below, at[sqlite3.Tsqlite3_io_methods](at[sqlite3.Tsqlite3_file](below).FpMethods)
}

// A change is noted when the platform has made it. One that it refuses may be
// made in part: it is noted, too, for nothing may depend on it.

func writeFile(tls *libc.TLS, file, data uintptr, n int32, offset int64) int32 {
	below, m := methodsOf(file)
	code := call[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](m.FxWrite)(tls, below, data, n, offset)
	if o := find(file); o.disk != nil {
		o.disk.note(change{kind: write, file: o.file, at: offset, data: slices.Clone(unsafe.Slice(at[byte](data), n))})
	}
	return code
}

func truncateFile(tls *libc.TLS, file uintptr, size int64) int32 {
	below, m := methodsOf(file)
	code := call[func(*libc.TLS, uintptr, int64) int32](m.FxTruncate)(tls, below, size)
	if o := find(file); o.disk != nil {
		o.disk.note(change{kind: truncate, file: o.file, at: size})
	}
	return code
}

func forceFile(tls *libc.TLS, file uintptr, flags int32) int32 {
	below, m := methodsOf(file)
	code := call[func(*libc.TLS, uintptr, int32) int32](m.FxSync)(tls, below, flags)
	if o := find(file); o.disk != nil && code == sqlite3.SQLITE_OK {
		o.disk.note(change{kind: syncFile, file: o.file})
	}
	return code
}

func closeFile(tls *libc.TLS, file uintptr) int32 {
	layer.mu.Lock()
	delete(layer.files, file)
	layer.mu.Unlock()
	below, m := methodsOf(file)
	return call[func(*libc.TLS, uintptr) int32](m.FxClose)(tls, below)
}

// The others change nothing and pass through.

func readFile(tls *libc.TLS, file, data uintptr, n int32, offset int64) int32 {
	below, m := methodsOf(file)
	return call[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](m.FxRead)(tls, below, data, n, offset)
}

func fileSize(tls *libc.TLS, file, size uintptr) int32 {
	below, m := methodsOf(file)
	return call[func(*libc.TLS, uintptr, uintptr) int32](m.FxFileSize)(tls, below, size)
}

func lock(tls *libc.TLS, file uintptr, level int32) int32 {
	below, m := methodsOf(file)
	return call[func(*libc.TLS, uintptr, int32) int32](m.FxLock)(tls, below, level)
}

func unlock(tls *libc.TLS, file uintptr, level int32) int32 {
	below, m := methodsOf(file)
	return call[func(*libc.TLS, uintptr, int32) int32](m.FxUnlock)(tls, below, level)
}

func checkReservedLock(tls *libc.TLS, file, out uintptr) int32 {
	below, m := methodsOf(file)
	return call[func(*libc.TLS, uintptr, uintptr) int32](m.FxCheckReservedLock)(tls, below, out)
}

// fileControl hides that the platform can size a file ahead of its writes: the
// layer would not see it.
func fileControl(tls *libc.TLS, file uintptr, op int32, arg uintptr) int32 {
	if op == sqlite3.SQLITE_FCNTL_SIZE_HINT || op == sqlite3.SQLITE_FCNTL_CHUNK_SIZE {
		return sqlite3.SQLITE_NOTFOUND
	}
	below, m := methodsOf(file)
	return call[func(*libc.TLS, uintptr, int32, uintptr) int32](m.FxFileControl)(tls, below, op, arg)
}

func sectorSize(tls *libc.TLS, file uintptr) int32 {
	below, m := methodsOf(file)
	return call[func(*libc.TLS, uintptr) int32](m.FxSectorSize)(tls, below)
}

func deviceCharacteristics(tls *libc.TLS, file uintptr) int32 {
	below, m := methodsOf(file)
	return call[func(*libc.TLS, uintptr) int32](m.FxDeviceCharacteristics)(tls, below)
}

func shmMap(tls *libc.TLS, file uintptr, page, size, extend int32, out uintptr) int32 {
	below, m := methodsOf(file)
	return call[func(*libc.TLS, uintptr, int32, int32, int32, uintptr) int32](m.FxShmMap)(tls, below, page, size, extend, out)
}

func shmLock(tls *libc.TLS, file uintptr, offset, n, flags int32) int32 {
	below, m := methodsOf(file)
	return call[func(*libc.TLS, uintptr, int32, int32, int32) int32](m.FxShmLock)(tls, below, offset, n, flags)
}

func shmBarrier(tls *libc.TLS, file uintptr) {
	below, m := methodsOf(file)
	call[func(*libc.TLS, uintptr)](m.FxShmBarrier)(tls, below)
}

func shmUnmap(tls *libc.TLS, file uintptr, remove int32) int32 {
	below, m := methodsOf(file)
	return call[func(*libc.TLS, uintptr, int32) int32](m.FxShmUnmap)(tls, below, remove)
}

// SQLite is C translated to Go: its addresses are numbers, and its function
// pointers are what a func value holds.

// at is what lies at an address of SQLite's memory, which no collector moves.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// call is the function behind a function pointer.
func call[F any](p uintptr) F {
	value := &struct{ uintptr }{p}
	return *(*F)(unsafe.Pointer(&value.uintptr))
}

// pointer is the function pointer of a top-level function.
func pointer(fn any) uintptr { return (*[2]uintptr)(unsafe.Pointer(&fn))[1] }
