package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWriterAndRead: what is written is judged, with names of lines that a
// person can look up.
func TestWriterAndRead(t *testing.T) {
	var file bytes.Buffer
	w := NewWriter(&file)
	call := w.Call()
	w.Write(Line{What: Connect, Device: "d", Event: Event{User: 1}})
	w.Write(Line{What: Connected, Device: "d"})
	w.Write(Line{What: Send, Device: "d", Room: 1, Call: call, Event: Event{User: 1, CID: "c", Hash: Hash("hello")}})
	w.Write(Line{What: Answered, Device: "d", Room: 1, Call: call, Outcome: OK, Event: Event{Seq: 2, ID: "x", Cursor: "2.abc"}})
	w.Write(Line{What: End, Device: "d"})
	w.Write(Line{What: Final, Device: "r", Room: 1, Event: Event{Seq: 1, ID: "c", Kind: "create"}})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.Write(Line{What: Close, Device: "d"})
	j := New()
	if err := j.Read("run.jsonl", &file); err != nil {
		t.Fatal(err)
	}
	v := j.Verdict()
	want := []Violation{{
		Invariant: "I1",
		Text:      "number 2 of room 1 was acknowledged and is not there; the head is 1",
		Lines:     []Ref{{"run.jsonl", 4}},
	}}
	if diff := cmp.Diff(want, v.Violations); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
	var shown strings.Builder
	if _, err := v.WriteTo(&shown); err != nil {
		t.Fatal(err)
	}
	if want := "I1  number 2 of room 1 was acknowledged and is not there; the head is 1 (run.jsonl:4)"; !strings.Contains(shown.String(), want) {
		t.Errorf("got %s, want it to contain %q", shown.String(), want)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"what":   `{"t":1,"what":"guess"}`,
		"member": `{"t":1,"what":"end","sequence":3}`,
		"json":   `{"t":1,"what":`,
		"type":   `{"t":"1","what":"end"}`,
	} {
		if err := New().Read(name, strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), name+":1: ") {
			t.Errorf("%s: got %v, want an error that names the line", text, err)
		}
	}
}

type brokenDisk struct{}

func (brokenDisk) Write([]byte) (int, error) { return 0, errBroken }

var errBroken = errors.New("broken disk")

func TestCloseTellsErrors(t *testing.T) {
	w := NewWriter(brokenDisk{})
	w.Write(Line{What: End, Device: "d"})
	if err := w.Close(); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the disk's error", err)
	}
}

// FuzzRead: whatever a file says, it is judged or refused.
func FuzzRead(f *testing.F) {
	var history bytes.Buffer
	enc := json.NewEncoder(&history)
	for _, line := range newWorld(1).history(30) {
		if err := enc.Encode(&line); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(history.Bytes())
	for part := range bytes.SplitAfterSeq(history.Bytes(), []byte("\n")) {
		f.Add(part)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		j := New()
		if err := j.Read("f", bytes.NewReader(text)); err != nil {
			return
		}
		v := j.Verdict()
		if v.OK() != (len(v.Violations) == 0) {
			t.Errorf("got OK %t with %d violations", v.OK(), len(v.Violations))
		}
	})
}
