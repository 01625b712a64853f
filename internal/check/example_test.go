package check_test

import (
	"fmt"
	"strings"

	"github.com/parleychat/parley/internal/check"
)

// A device was told of number 1 and then of number 3, and nobody said a word
// about number 2.
func Example() {
	history := `
		{"t":1,"what":"connect","device":"ann.phone","user":1}
		{"t":2,"what":"connected","device":"ann.phone"}
		{"t":3,"what":"join","device":"ann.phone","room":1,"call":1,"since":"0"}
		{"t":4,"what":"event","device":"ann.phone","room":1,"phase":"resume","seq":1,"id":"a","kind":"create","cursor":"1.x"}
		{"t":5,"what":"joined","device":"ann.phone","room":1,"call":1,"seq":1,"cursor":"1.x"}
		{"t":6,"what":"event","device":"ann.phone","room":1,"phase":"live","seq":3,"id":"c","kind":"join","cursor":"3.z"}
		{"t":7,"what":"final","device":"reader","room":1,"seq":1,"id":"a","kind":"create","cursor":"1.x"}
		{"t":8,"what":"final","device":"reader","room":1,"seq":2,"id":"b","kind":"join","cursor":"2.y"}
		{"t":9,"what":"final","device":"reader","room":1,"seq":3,"id":"c","kind":"join","cursor":"3.z"}`
	judge := check.New()
	if err := judge.Read("run.jsonl", strings.NewReader(history)); err != nil {
		fmt.Println(err)
		return
	}
	for _, violation := range judge.Verdict().Violations {
		fmt.Println(violation)
	}
	// Output:
	// I5  ann.phone got number 3 of room 1 after 1, and no word about what is between (run.jsonl:5, run.jsonl:6)
}
