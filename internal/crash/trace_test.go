package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/parleychat/parley/internal/failpoint"
)

// TestNoTrace: a program built for people has nothing of the failpoints, not
// even a name; one built with them has.
func TestNoTrace(t *testing.T) {
	words := []string{"failpoint", "PARLEY_FAILPOINTS"}
	for _, point := range failpoint.Points() {
		// Shorter ones are words that come up by themselves.
		if len(point) >= len(failpoint.LogDurable) {
			words = append(words, string(point))
		}
	}
	for program, traced := range map[string]bool{program: false, faulty: true} {
		code, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range words {
			if found := bytes.Contains(code, []byte(word)); found != traced {
				t.Errorf("%s in %s: got %v, want %v", word, program, found, traced)
			}
		}
	}
}
