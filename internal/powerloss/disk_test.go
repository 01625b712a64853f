package powerloss

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// image reads the files of an image.
func image(t *testing.T, d *Disk, moment int, loss Loss, dice *rand.Rand) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	if err := d.Image(moment, loss, dice, dir); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for _, entry := range entries {
		if files[entry.Name()], err = os.ReadFile(filepath.Join(dir, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestImages(t *testing.T) {
	d := newDisk("")
	d.note(change{kind: create, name: "a"})
	a := d.named("a")
	put := func(at int64, b byte, n int) {
		d.note(change{kind: write, file: a, at: at, data: bytes.Repeat([]byte{b}, n)})
	}
	put(0, 'x', 4*sector)
	written := d.Now()
	d.note(change{kind: syncFile, file: a})
	forced := d.Now()
	d.note(change{kind: syncDir})
	named := d.Now()
	put(sector/2, 'y', 2*sector) // covers parts of two sectors and a whole one
	d.note(change{kind: truncate, file: a, at: 3 * sector})
	changed := d.Now()
	d.note(change{kind: remove, name: "a"})
	d.note(change{kind: create, name: "b"})
	end := d.Now()

	dice := rand.New(rand.NewPCG(1, 1))
	x := bytes.Repeat([]byte{'x'}, 4*sector)
	xy := append(append(bytes.Repeat([]byte{'x'}, sector/2), bytes.Repeat([]byte{'y'}, 2*sector)...), bytes.Repeat([]byte{'x'}, sector/2)...)
	for name, tc := range map[string]struct {
		moment int
		loss   Loss
		want   map[string][]byte
	}{
		"nothing was forced":             {written, LoseAll, nil},
		"the process ended":              {written, LoseNone, map[string][]byte{"a": x}},
		"the name was not forced":        {forced, LoseAll, nil},
		"all was forced":                 {named, LoseAll, map[string][]byte{"a": x}},
		"what was changed since is lost": {changed, LoseAll, map[string][]byte{"a": x}},
		"or there":                       {changed, LoseNone, map[string][]byte{"a": xy}},
		"a removal is lost":              {end, LoseAll, map[string][]byte{"a": x}},
		"or was done":                    {end, LoseNone, map[string][]byte{"b": nil}},
	} {
		got := image(t, d, tc.moment, tc.loss, dice)
		if len(got) != len(tc.want) {
			t.Errorf("%s: got %d files, want %d", name, len(got), len(tc.want))
		}
		for file, want := range tc.want {
			if content, there := got[file]; !there || !bytes.Equal(content, want) {
				t.Errorf("%s: %s has %d bytes, want %d others", name, file, len(content), len(want))
			}
		}
	}

	// Sectors are whole: each is as it was or as it was to be, and in the end
	// each has been both.
	seen := make([]map[byte]bool, 3)
	for i := range seen {
		seen[i] = make(map[byte]bool)
	}
	for range 200 {
		content := image(t, d, changed, LoseSectors, dice)["a"]
		for i, at := range []int{sector / 2, sector, 2*sector + sector/2 - 1} {
			seen[i][content[at]] = true
		}
		for at, b := range content {
			if covered := at >= sector/2 && at < sector/2+2*sector; b != 'x' && !(b == 'y' && covered) {
				t.Fatalf("byte %d is %q", at, b)
			}
			if at%sector > 0 && at != sector/2 && at != 2*sector+sector/2 && b != content[at-1] {
				t.Fatalf("sector %d is torn at byte %d", at/sector, at%sector)
			}
		}
	}
	for i, both := range seen {
		if !both['x'] || !both['y'] {
			t.Errorf("part %d of the write was always alike: %v", i, both)
		}
	}
}
