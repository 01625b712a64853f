package store_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
)

// TestNoScans: whatever is run for every message, page, resume, opening or
// list finds its rows by an index and in their order, however large the tables
// are.
func TestNoScans(t *testing.T) {
	s := openSQLite(t)
	allowed := map[string]bool{
		"SCAN watermarks": true, // a row for each partition
		"SCAN mine":       true, // the rows that the subquery found
		"SCAN 32-ROW":     true, // the rows that are inserted
	}
	scan := regexp.MustCompile(`SCAN \S+|USE TEMP B-TREE.*`)
	for _, statement := range s.HotStatements() {
		plan, err := s.Plan(context.Background(), statement)
		if err != nil {
			t.Errorf("%s: %v", statement, err)
		}
		for _, step := range scan.FindAllString(plan, -1) {
			if !allowed[step] {
				t.Errorf("%s\nis run as\n%s", strings.Join(strings.Fields(statement), " "), plan)
			}
		}
	}
}
