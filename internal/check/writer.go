package check

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Writer writes the history of one process. Its methods may be called from any
// goroutine; lines stand in the order in which Write was called, with the time
// of that moment. What a device sees has to be written before the device acts
// on it, and what it asks before it asks.
type Writer struct {
	start time.Time
	calls atomic.Int64

	mu  sync.Mutex
	buf *bufio.Writer
	enc *json.Encoder
	err error // the first, after which nothing is written
	end bool  // closed
}

// NewWriter makes a writer. The clock begins now.
func NewWriter(w io.Writer) *Writer {
	buf := bufio.NewWriterSize(w, 1<<16)
	return &Writer{start: time.Now(), buf: buf, enc: json.NewEncoder(buf)}
}

// Call is a number for a new call.
func (w *Writer) Call() int64 { return w.calls.Add(1) }

// Write writes a line, with the present time in T. Errors are kept for Close.
func (w *Writer) Write(line Line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	line.T = time.Since(w.start).Nanoseconds()
	if w.err == nil && !w.end {
		w.err = w.enc.Encode(&line)
	}
}

// Close ends the history and says what went wrong since the beginning. Lines
// that come later are no part of it: the run is over, and clients that are
// taken down may still see something. The underlying writer stays open.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end = true
	if w.err == nil {
		w.err = w.buf.Flush()
	}
	if w.err != nil {
		return fmt.Errorf("write history: %w", w.err)
	}
	return nil
}
