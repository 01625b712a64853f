package chat

import (
	"os"
	"strings"
	"testing"
)

// The example in the format's paper is a record.
func TestLogFormatExample(t *testing.T) {
	paper, err := os.ReadFile("../docs/log-format.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(paper), "```\n")
	example, _, _ := strings.Cut(rest, "\n```")
	line, value, found := strings.Cut(example, "\n")
	if !found {
		t.Fatalf("no example in the paper, only %q", example)
	}
	var headers []Header
	for pair := range strings.SplitSeq(line, ",") {
		key, text, _ := strings.Cut(pair, "=")
		headers = append(headers, Header{Key: key, Value: []byte(text)})
	}
	rec, err := Decode(headers, []byte(value))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := rec.Text, "Hello @bob & all"; got != want {
		t.Errorf("text got %q, want %q", got, want)
	}
	for _, kind := range Kinds {
		if !strings.Contains(string(paper), string(kind)) {
			t.Errorf("the paper does not mention %s", kind)
		}
	}
}
