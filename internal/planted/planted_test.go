package planted

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingIsPlanted: a normal build has no bug, and every tag that plants
// one is named where the normal build excludes it.
func TestNothingIsPlanted(t *testing.T) {
	if bug != "" {
		t.Skipf("SKIPPED: this build has the bug %s", bug)
	}
	none, err := os.ReadFile("none.go")
	if err != nil {
		t.Fatal(err)
	}
	constraint, _, _ := strings.Cut(string(none), "\n")
	files, err := filepath.Glob("planted_*.go")
	if err != nil {
		t.Fatal(err)
	}
	tags := 0
	for _, file := range files {
		tag := strings.TrimSuffix(file, ".go")
		if strings.HasSuffix(tag, "_test") {
			continue
		}
		tags++
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "//go:build "+tag+"\n") {
			t.Errorf("%s is not of the build tag %s", file, tag)
		}
		if !strings.Contains(constraint, tag) {
			t.Errorf("none.go does not exclude %s", tag)
		}
	}
	if excluded := strings.Count(constraint, "planted_"); tags != excluded || tags == 0 {
		t.Errorf("none.go excludes %d tags, and there are %d", excluded, tags)
	}
}
