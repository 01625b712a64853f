package loadgen

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Usage is what a process has used since its start.
type Usage struct {
	CPU    time.Duration // on a core, user and kernel, of all threads that live now
	Reads  int64         // read system calls of any kind of file or socket
	Writes int64         // write system calls of any kind of file or socket
	Anon   int64         // anonymous memory in RAM now, bytes: heap, stacks, no kernel buffers
}

// Since is what was used between then and u; Anon is the difference too.
func (u Usage) Since(then Usage) Usage {
	return Usage{u.CPU - then.CPU, u.Reads - then.Reads, u.Writes - then.Writes, u.Anon - then.Anon}
}

// ReadUsage reads a process' usage from /proc, which needs Linux and its user.
// CPU time comes from the scheduler's statistics, exact to the nanosecond where
// /proc/PID/stat counts ticks. It misses threads that have ended; neither Go
// nor node end theirs while they serve. System calls are those that the kernel's
// I/O accounting counts: read, write and their vector and positional forms, not
// send and recv.
func ReadUsage(pid int) (Usage, error) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	var u Usage
	stats, err := filepath.Glob(filepath.Join(dir, "task/*/schedstat"))
	if err != nil || len(stats) == 0 {
		return u, fmt.Errorf("loadgen: no process %d in /proc (watching a process needs Linux)", pid)
	}
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has ended since Glob
		}
		onCPU, _, _ := bytes.Cut(b, []byte(" "))
		ns, err := strconv.ParseInt(string(onCPU), 10, 64)
		if err != nil {
			return u, fmt.Errorf("loadgen: %s: %w", name, err)
		}
		u.CPU += time.Duration(ns)
	}
	if u.Reads, err = procField(filepath.Join(dir, "io"), "syscr:"); err != nil {
		return u, err
	}
	if u.Writes, err = procField(filepath.Join(dir, "io"), "syscw:"); err != nil {
		return u, err
	}
	kb, err := procField(filepath.Join(dir, "status"), "RssAnon:")
	u.Anon = kb << 10
	return u, err
}

// procField reads the number behind a name in a file of "name value" lines.
func procField(file, name string) (int64, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("loadgen: %w", err)
	}
	for line := range bytes.Lines(b) {
		if rest, ok := bytes.CutPrefix(line, []byte(name)); ok {
			f := bytes.Fields(rest)
			if len(f) == 0 {
				break
			}
			return strconv.ParseInt(string(f[0]), 10, 64)
		}
	}
	return 0, fmt.Errorf("loadgen: no %q in %s", name, file)
}
