package eventlog_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/parleychat/parley/eventlog"
)

// crashChild names the file that a child process appends to until it is killed,
// and crashRun the number of the run.
const (
	crashChild = "PARLEY_TEST_EVENTLOG_CHILD"
	crashRun   = "PARLEY_TEST_EVENTLOG_RUN"
)

const (
	crashAppenders = 8
	crashInFlight  = 32 // unanswered appends of each
)

// appendUntilKilled is the child: it appends, and writes a line for each record
// that was acknowledged. Odd runs trim besides.
func appendUntilKilled(path, run string) {
	log, err := eventlog.OpenSQLite(path, eventlog.SQLiteOptions{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if run[len(run)-1]%2 == 1 {
		go trimAgainAndAgain(log)
	}
	var group sync.WaitGroup
	for a := range crashAppenders {
		group.Go(func() {
			inFlight := make(chan struct{}, crashInFlight)
			for i := 0; ; i++ {
				inFlight <- struct{}{}
				value := fmt.Sprintf("%s/%d/%d", run, a, i)
				log.Append(0, eventlog.Record{Value: []byte(value)}, func(pos eventlog.Position, err error) {
					if err != nil {
						fmt.Fprintln(os.Stderr, err)
						os.Exit(1)
					}
					fmt.Fprintf(os.Stdout, "%d %s\n", pos.Offset, value)
					<-inFlight
				})
			}
		})
	}
	group.Wait()
}

func trimAgainAndAgain(log eventlog.Log) {
	for {
		end, err := log.End(context.Background(), 0)
		if err == nil {
			err = log.Trim(context.Background(), 0, max(0, end-700))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// TestKilled kills a process that appends, again and again, with a different
// number of acknowledgements each time.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	choice := rand.New(rand.NewPCG(1, 2))
	next := int64(0)
	for run := range 10 {
		acknowledged := runAndKill(t, path, run, choice.IntN(1500))
		log := openLog(t, path, eventlog.SQLiteOptions{})
		checkRun(t, log, run, next, acknowledged)
		next = appendValue(t, log, "between the runs") + 1
		closeLog(t, log)
		if t.Failed() {
			return
		}
	}
}

// runAndKill starts the child, kills it after so many acknowledgements, and
// returns those that it has written by then: value by offset.
func runAndKill(t *testing.T, path string, run, after int) map[int64]string {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashChild+"="+path, fmt.Sprintf("%s=%d", crashRun, run))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := make(map[int64]string)
	lines := bufio.NewReader(out)
	for killed := false; ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // the end, perhaps within a line
		}
		var offset int64
		var value string
		if _, err := fmt.Sscanf(line, "%d %s", &offset, &value); err != nil {
			t.Errorf("line of the child: got %q", line)
		}
		if before, twice := acknowledged[offset]; twice {
			t.Errorf("offset %d: acknowledged for %s and for %s", offset, before, value)
		}
		acknowledged[offset] = value
		if !killed && len(acknowledged) > after {
			killed = true
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("child: got %v, want it killed", err)
	}
	return acknowledged
}

// checkRun checks what is found after a run that began at the offset first: all
// that was acknowledged and is not trimmed, where it was said to be; of each
// appender its records in order, without a hole and none twice.
func checkRun(t *testing.T, log *eventlog.SQLite, run int, first int64, acknowledged map[int64]string) {
	t.Helper()
	entries, err := readAll(t, log)
	if err != nil {
		t.Fatalf("run %d: reading: got %v, want no error", run, err)
	}
	begin, err := log.Begin(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[int64]string)
	var last [crashAppenders]int
	for i := range last {
		last[i] = -1
	}
	for i, e := range entries {
		if e.Offset != begin+int64(i) {
			t.Fatalf("run %d: entry %d: got offset %d, want %d", run, i, e.Offset, begin+int64(i))
		}
		value := string(e.Value)
		found[e.Offset] = value
		var r, a, n int
		if _, err := fmt.Sscanf(value, "%d/%d/%d", &r, &a, &n); err != nil || r != run {
			if e.Offset >= first {
				t.Errorf("run %d: offset %d: got %q of another run", run, e.Offset, value)
			}
			continue
		}
		if e.Offset < first {
			t.Errorf("run %d: offset %d was given before, now it is %q", run, e.Offset, value)
		}
		if want := last[a] + 1; n != want && !(last[a] == -1 && begin > first) {
			t.Errorf("run %d: offset %d: got record %d of appender %d, want %d", run, e.Offset, n, a, want)
		}
		last[a] = n
	}
	for offset, value := range acknowledged {
		if offset < first {
			t.Errorf("run %d: acknowledged at %d, where something was already", run, offset)
		}
		if offset >= begin && found[offset] != value {
			t.Errorf("run %d: acknowledged %s at %d, found %q", run, value, offset, found[offset])
		}
	}
	if len(acknowledged) == 0 {
		t.Errorf("run %d: nothing was acknowledged, nothing is proven", run)
	}
}
