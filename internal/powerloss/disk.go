package powerloss

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
)

// sector is what a disk writes as a whole, in bytes.
const sector = 512

// Disk is what was done to the files of one directory. Its methods may be
// called from any goroutine.
type Disk struct {
	dir string

	mu      sync.Mutex
	changes []change
	names   map[string]*file // as they are now
}

// file is a file whatever it is called.
type file struct{ number int }

// change is one thing that was done.
type change struct {
	kind kind
	file *file
	name string // of create and remove: without the directory
	at   int64  // of write and truncate: the offset, the new length
	data []byte
}

type kind int

const (
	create kind = iota
	remove
	write
	truncate
	syncFile
	syncDir
)

func newDisk(dir string) *Disk { return &Disk{dir: dir, names: make(map[string]*file)} }

// Now is how many changes there were so far. What a program promises now has to
// hold in every image of this moment or a later one.
func (d *Disk) Now() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.changes)
}

// Syncs are the moments right after something was forced to the disk.
func (d *Disk) Syncs() (moments []int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, c := range d.changes {
		if c.kind == syncFile || c.kind == syncDir {
			moments = append(moments, i+1)
		}
	}
	return moments
}

func (d *Disk) note(c change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch c.kind {
	case create:
		if d.names[c.name] != nil {
			return // it was there
		}
		c.file = &file{len(d.changes)}
		d.names[c.name] = c.file
	case remove:
		if d.names[c.name] == nil {
			return
		}
		delete(d.names, c.name)
	}
	d.changes = append(d.changes, c)
}

// named is the file that has this name now.
func (d *Disk) named(name string) *file {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.names[name]
}

// holds is what a disk has of one file: what was forced, and what was written
// since.
type holds struct {
	forced []byte
	since  []change
}

// Loss says how much of what was not forced to the disk an image lacks.
type Loss int

// Losses.
const (
	LoseAll     Loss = iota // what was not forced is gone
	LoseNone                // the process ended, and the power did not fail
	LoseEnd                 // what was done last is gone, and one write is torn
	LoseSectors             // any sectors are gone
	losses
)

// AnyLoss picks one, and for the worse ones more often.
func AnyLoss(dice *rand.Rand) Loss { return Loss(dice.IntN(int(losses))) }

// Image writes the files of a disk that lost power at a moment into a
// directory, which has to be there and empty.
func (d *Disk) Image(moment int, loss Loss, dice *rand.Rand, dir string) error {
	d.mu.Lock()
	changes := d.changes[:moment]
	d.mu.Unlock()
	contents := make(map[*file]*holds)
	names := make(map[string]*file) // forced
	var renamed []change            // not forced
	for _, c := range changes {
		switch c.kind {
		case create:
			contents[c.file] = new(holds)
			renamed = append(renamed, c)
		case remove:
			renamed = append(renamed, c)
		case write, truncate:
			contents[c.file].since = append(contents[c.file].since, c)
		case syncFile:
			contents[c.file].force()
		case syncDir:
			rename(names, renamed)
			renamed = nil
		}
	}
	rename(names, keep(renamed, loss, dice))
	for name, file := range names {
		if err := os.WriteFile(filepath.Join(dir, name), contents[file].after(loss, dice), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func rename(names map[string]*file, changes []change) {
	for _, c := range changes {
		if c.kind == create {
			names[c.name] = c.file
		} else {
			delete(names, c.name)
		}
	}
}

// keep picks the changes that reached the disk.
func keep(changes []change, loss Loss, dice *rand.Rand) []change {
	switch loss {
	case LoseNone:
		return changes
	case LoseEnd:
		return changes[:dice.IntN(len(changes)+1)]
	case LoseSectors:
		return slices.DeleteFunc(slices.Clone(changes), func(change) bool { return dice.IntN(2) == 0 })
	}
	return nil
}

func (h *holds) force() {
	for _, c := range h.since {
		h.forced = c.apply(h.forced, nil)
	}
	h.since = nil
}

// after is the content after a loss.
func (h *holds) after(loss Loss, dice *rand.Rand) []byte {
	content := slices.Clone(h.forced)
	kept := keep(h.since, loss, dice)
	for i, c := range kept {
		var lost func() bool
		if loss == LoseSectors && dice.IntN(4) == 0 || loss == LoseEnd && i == len(kept)-1 {
			lost = func() bool { return dice.IntN(2) == 0 }
		}
		content = c.apply(content, lost)
	}
	return content
}

// apply makes the change, without the sectors that are lost.
func (c *change) apply(content []byte, lost func() bool) []byte {
	if c.kind == truncate {
		if int64(len(content)) > c.at {
			return content[:c.at]
		}
		return append(content, make([]byte, c.at-int64(len(content)))...)
	}
	if end := c.at + int64(len(c.data)); int64(len(content)) < end {
		content = append(content, make([]byte, end-int64(len(content)))...)
	}
	for from := int64(0); from < int64(len(c.data)); {
		to := min((c.at+from)/sector*sector+sector-c.at, int64(len(c.data)))
		if lost == nil || !lost() {
			copy(content[c.at+from:], c.data[from:to])
		}
		from = to
	}
	return content
}

// Moments picks n moments at which the power may fail: about half of them right
// after something was forced to the disk, when most was just promised. The
// variable PARLEY_POWERLOSS asks for another number, or for every moment: all.
func Moments(d *Disk, dice *rand.Rand, n int) []int {
	now := d.Now()
	asked := os.Getenv("PARLEY_POWERLOSS")
	if asked == "all" {
		all := make([]int, now+1)
		for i := range all {
			all[i] = i
		}
		return all
	}
	if more, err := strconv.Atoi(asked); err == nil {
		n = more
	}
	syncs := d.Syncs()
	moments := make([]int, n)
	for i := range moments {
		moments[i] = dice.IntN(now + 1)
		if i%2 == 0 && len(syncs) > 0 {
			moments[i] = syncs[dice.IntN(len(syncs))]
		}
	}
	return moments
}
