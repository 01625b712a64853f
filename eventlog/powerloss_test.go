package eventlog_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/internal/powerloss"
)

// watchDisk lets a test's directory lose power.
func watchDisk(t *testing.T) (dir string, disk *powerloss.Disk) {
	t.Helper()
	dir = t.TempDir()
	disk, stop, err := powerloss.Watch(dir)
	if errors.Is(err, powerloss.ErrPlatform) {
		t.Skipf("SKIPPED: power loss: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return dir, disk
}

// promise is what a log has acknowledged.
type promise struct {
	from  int // the moment
	value string
}

// diary is what was promised of a log, by offset.
type diary struct {
	disk *powerloss.Disk

	mu       sync.Mutex
	promises map[int64]promise
	trims    []trimCall
}

// trimCall is a trim that was asked for at a moment.
type trimCall struct {
	from   int
	before int64
}

// append appends a value and returns when it was acknowledged.
func (d *diary) append(t *testing.T, log *eventlog.SQLite, value string) {
	answered := make(chan error, 1)
	log.Append(0, eventlog.Record{Value: []byte(value)}, func(pos eventlog.Position, err error) {
		if err == nil {
			d.mu.Lock()
			d.promises[pos.Offset] = promise{d.disk.Now(), value}
			d.mu.Unlock()
		}
		answered <- err
	})
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

// TestPowerLoss: whenever the power fails, and whatever a disk makes of writes
// that were not forced, the log is a beginning of what was appended, with
// everything that was acknowledged.
func TestPowerLoss(t *testing.T) {
	dir, disk := watchDisk(t)
	path := filepath.Join(dir, "log.db")
	d := &diary{disk: disk, promises: make(map[int64]promise)}
	made := disk.Now()
	epoch := ""
	// Enough transactions for the write-ahead log to be moved into the file
	// and begun anew, in each of two lives.
	for life := range 2 {
		log := openLog(t, path, eventlog.SQLiteOptions{})
		epoch = log.Epoch()
		if life == 0 {
			made = disk.Now()
		}
		var appenders sync.WaitGroup
		for a := range 2 {
			appenders.Go(func() {
				for i := range 300 {
					d.append(t, log, fmt.Sprintf("%d/%d/%d %s", life, a, i, strings.Repeat("x", i*i%3000)))
				}
			})
		}
		appenders.Wait()
		end, err := log.End(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		d.trims = append(d.trims, trimCall{disk.Now(), end - 100})
		if err := log.Trim(t.Context(), 0, end-100); err != nil {
			t.Fatal(err)
		}
		closeLog(t, log)
	}
	dice := rand.New(rand.NewPCG(1, 1))
	images := powerloss.Moments(disk, dice, 30)
	for _, moment := range images {
		loss := powerloss.AnyLoss(dice)
		image := t.TempDir()
		if err := disk.Image(moment, loss, dice, image); err != nil {
			t.Fatal(err)
		}
		log, err := eventlog.OpenSQLite(filepath.Join(image, "log.db"), eventlog.SQLiteOptions{})
		if err != nil {
			t.Fatalf("moment %d, loss %d: %v", moment, loss, err)
		}
		if moment >= made && log.Epoch() != epoch {
			t.Errorf("moment %d, loss %d: the log was made anew", moment, loss)
		}
		d.check(t, log, moment)
		closeLog(t, log)
		if t.Failed() {
			t.Fatalf("at moment %d of %d, loss %d", moment, disk.Now(), loss)
		}
	}
	t.Logf("%d images of %d moments, %d of them after an fsync", len(images), disk.Now(), len(disk.Syncs()))
}

// check looks for everything that was promised up to a moment.
func (d *diary) check(t *testing.T, log *eventlog.SQLite, moment int) {
	t.Helper()
	begin, err := log.Begin(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	trimmed := int64(0)
	for _, trim := range d.trims {
		if trim.from <= moment {
			trimmed = trim.before
		}
	}
	if begin > trimmed {
		t.Errorf("the log begins at %d, and was trimmed below %d", begin, trimmed)
	}
	entries, err := readAll(t, log)
	if err != nil {
		t.Fatal(err)
	}
	for i, entry := range entries {
		if entry.Offset != begin+int64(i) {
			t.Fatalf("record %d has offset %d, want %d", i, entry.Offset, begin+int64(i))
		}
		if want := d.promises[entry.Offset].value; string(entry.Value) != want {
			t.Errorf("offset %d: got %.40q, want %.40q", entry.Offset, entry.Value, want)
		}
	}
	end := begin + int64(len(entries))
	missing := []int64{}
	for offset, p := range d.promises {
		if p.from <= moment && offset >= end {
			missing = append(missing, offset)
		}
	}
	if slices.Sort(missing); len(missing) > 0 {
		t.Errorf("the log ends at %d, and %d records were acknowledged behind it: %v", end, len(missing), missing)
	}
}
