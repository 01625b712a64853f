package picture

import (
	"bytes"
	"os"
	"testing"
)

// FuzzOrientation: no file stops the look for its orientation, and what is found
// is one of the eight.
func FuzzOrientation(f *testing.F) {
	file, err := os.ReadFile("testdata/turned.jpg")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add(file[:40])
	f.Add([]byte("\xff\xd8\xff\xff\xff\x01\xff\xd0\xff\xe1\x00\x02\xff\xda"))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, given := range [][]byte{file, append([]byte("\xff\xd8\xff\xe1\x40\x00Exif\x00\x00"), append(bytes.Clone(file), make([]byte, 0x4000)...)...)} {
			if found := orientationOf(given); found < upright || found > turnedRight {
				t.Errorf("found the orientation %d", found)
			}
		}
	})
}
