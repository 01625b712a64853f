package backup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// Format is the version of a backup's layout. A change that an older program
// would misunderstand gets the next number.
const Format = 1

// Names in a backup. They are those of the data directory.
const (
	manifestFile = "manifest.json"
	storeFile    = "parley.db"
	logFile      = "log.db"
	jwtFile      = "jwt.key"
)

// contents are the files of a backup besides its manifest.
var contents = []string{logFile, jwtFile, storeFile}

// Manifest says what a backup holds.
type Manifest struct {
	Format    int       `json:"format"`
	Version   string    `json:"version"`   // of the Parley that made it
	CreatedAt time.Time `json:"createdAt"` // when the store was copied
	// Epoch is that of the log. Each of its partitions goes up to its
	// watermark, and so does the store.
	Epoch      string      `json:"epoch"`
	Partitions []Partition `json:"partitions"`
	Counts     Counts      `json:"counts"`
	Files      []File      `json:"files"`
}

// Partition is one partition of the log.
type Partition struct {
	Partition int32 `json:"partition"`
	First     int64 `json:"first"`     // first offset in the log
	Watermark int64 `json:"watermark"` // the next offset, which is not in it
}

// Counts are how many there are of everything that people care for.
type Counts struct {
	Users  int64 `json:"users"`
	Rooms  int64 `json:"rooms"`
	Events int64 `json:"events"`
}

// File is one file of a backup.
type File struct {
	Name   string      `json:"name"`
	Bytes  int64       `json:"bytes"`
	Mode   fs.FileMode `json:"mode"`
	SHA256 string      `json:"sha256"` // hexadecimal
}

// Bytes is the size of all files.
func (m *Manifest) Bytes() (sum int64) {
	for _, file := range m.Files {
		sum += file.Bytes
	}
	return sum
}

func (m *Manifest) encode() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}

// maxManifest bounds what is read as a manifest.
const maxManifest = 1 << 20

// readManifest reads a manifest and checks that this program can restore what
// it describes.
func readManifest(r io.Reader) (*Manifest, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err != nil {
		return nil, err
	}
	m := new(Manifest)
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(m); err != nil {
		return nil, fmt.Errorf("%s is not readable: %w", manifestFile, err)
	}
	return m, m.check()
}

func (m *Manifest) check() error {
	switch {
	case m.Format < 1:
		return fmt.Errorf("%s names no format", manifestFile)
	case m.Format > Format:
		return fmt.Errorf("the backup has format %d, this program knows formats up to %d: restore it with the Parley that made it (%s) or a newer one", m.Format, Format, m.Version)
	case m.Epoch == "" || len(m.Partitions) == 0:
		return fmt.Errorf("%s names no position in the log", manifestFile)
	}
	var names []string
	for i, p := range m.Partitions {
		if p.Partition != int32(i) || p.First < 0 || p.Watermark < p.First {
			return fmt.Errorf("%s names an impossible position in partition %d", manifestFile, p.Partition)
		}
	}
	for _, file := range m.Files {
		names = append(names, file.Name)
		if file.Bytes < 0 || file.Mode&^fs.ModePerm != 0 || len(file.SHA256) != 64 {
			return fmt.Errorf("%s describes %s in an impossible way", manifestFile, file.Name)
		}
	}
	wanted := slices.Sorted(slices.Values(contents))
	slices.Sort(names)
	if !slices.Equal(names, wanted) {
		return errors.New(manifestFile + " lists " + strings.Join(names, ", ") + " instead of " + strings.Join(wanted, ", "))
	}
	return nil
}
