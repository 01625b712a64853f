package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Read judges the lines of one history. name stands for it in violations. It
// fails when the file cannot be read, or a line is no line; what is behind it
// is not judged then.
func (j *Judge) Read(name string, r io.Reader) error {
	f := j.file(name)
	decoder := json.NewDecoder(r)
	// A member that is not known is a mistake of whoever wrote it, and would
	// be a fact that is not judged.
	decoder.DisallowUnknownFields()
	for n := 1; ; n++ {
		var line Line
		err := decoder.Decode(&line)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && handlers[line.What] == nil {
			err = fmt.Errorf("unknown what %q", line.What)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: no line of a history: %w", name, n, err)
		}
		j.add(f, n, &line)
	}
}
