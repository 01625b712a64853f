package server_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/parleychat/parley/"

// seams may be imported by everything: in a program that is not built for tests
// there is nothing of them.
var seams = []string{"internal/failpoint", "internal/planted"}

// The table of docs/architecture.md says who may import whom; tests may import
// more.
func TestImports(t *testing.T) {
	granted := importTable(t)
	for _, pkg := range listPackages(t) {
		name := strings.TrimPrefix(pkg.ImportPath, module)
		row := name
		for row != "" && granted[row] == nil {
			row, _, _ = cutLast(row, "/")
		}
		if row == "" {
			continue // tools and benchmarks
		}
		for _, path := range pkg.Imports {
			imported, ours := strings.CutPrefix(path, module)
			if !ours {
				continue
			}
			top, _, _ := strings.Cut(imported, "/")
			ownRow, _, _ := strings.Cut(row, "/")
			if top == ownRow || slices.Contains(seams, imported) || slices.Contains(granted[row], top) || slices.Contains(granted[row], "*") {
				continue
			}
			t.Errorf("%s imports %s, which the table of docs/architecture.md does not grant", name, imported)
		}
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

var tableRow = regexp.MustCompile("(?m)^\\| `([a-z/]+)/` \\| .* \\| ([^|]*) \\|$")

// importTable reads the rows "| `package/` | job | imports |".
func importTable(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	table := make(map[string][]string)
	for _, row := range tableRow.FindAllStringSubmatch(string(text), -1) {
		imports := []string{}
		switch row[2] {
		case "–":
		case "all of the above":
			imports = append(imports, "*")
		default:
			imports = strings.Split(row[2], ", ")
		}
		table[row[1]] = imports
	}
	if len(table) < 10 {
		t.Fatalf("found %d rows in the table of docs/architecture.md; did its form change?", len(table))
	}
	return table
}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	command := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", module+"...")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []listedPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg listedPackage
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, pkg)
	}
}
