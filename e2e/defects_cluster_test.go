package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// How many servers over real Kafka, MariaDB and Redis show a defect gone.
const (
	twoAndThree = "2 and 3" // TestPair and TestCluster
	twoAndLate  = "3, one late"
	whatever    = "any" // it is not about how many there are
)

// defectsInClusters are those that take several servers, or services that are
// away: each is shown by a test that starts real ones.
var defectsInClusters = map[string]struct{ test, servers string }{
	"D1": {"clusterTalks", twoAndThree},         // everybody on all servers gets every message
	"D2": {"clusterRecords", twoAndThree},       // and it is stored once
	"D3": {"clusterRolls", twoAndThree},         // a start sends and stores nothing again
	"D4": {"clusterRecords", twoAndThree},       // nor does a recorder that was killed: verify compares
	"P3": {"clusterSeesPeople", twoAndThree},    // nobody stays online whose server was killed
	"P4": {"clusterSeesPeople", twoAndThree},    // people of other servers are told
	"R1": {"clusterReadsCold", twoAndThree},     // what is said leaves nothing in Redis
	"R2": {"clusterReadsCold", twoAndThree},     // a Redis without its keys hides nothing
	"R3": {"clusterReadsCold", twoAndThree},     // nor is anything there twice
	"R4": {"clusterReadsCold", twoAndThree},     // a count is what it may be
	"R5": {"clusterReadsCold", twoAndThree},     // a Redis that is killed ends nobody
	"R6": {"clusterReadsCold", twoAndThree},     // the history lies in the database
	"O1": {"TestDegraded", twoAndLate},          // a database that is late
	"O2": {"TestDegraded", twoAndLate},          // a Kafka that is late, with readiness red
	"O3": {"clusterRolls", twoAndThree},         // a stop of each server is in order, and clean
	"O4": {"clusterLeavesNothing", twoAndThree}, // messages leave nothing behind in any process
	"O5": {"TestVolumes", whatever},             // every service that keeps something has a volume; TestImage, TestEveryService: pinned
	"O6": {"TestMetrics", whatever},             // with TestBackupAndRestore, TestMigrateAtOnce and readiness in TestDegraded
	"O7": {"clusterTalks", twoAndThree},         // the servers run beside the brokers, not within their network
}

// inOrder are the ids as the page has them: by letter, then by number.
func inOrder(a, b string) int {
	const parts = "DPASRO"
	number := func(id string) int {
		n, _ := strconv.Atoi(id[1:])
		return n
	}
	return cmp.Or(cmp.Compare(strings.Index(parts, a[:1]), strings.Index(parts, b[:1])), cmp.Compare(number(a), number(b)))
}

// defectTable is the table of docs/turbo-chat.md.
func defectTable() string {
	ids := make(map[string]bool)
	for id := range defects {
		ids[id] = true
	}
	for id := range defectsInClusters {
		ids[id] = true
	}
	var table strings.Builder
	table.WriteString("| defect | one server | several, over Kafka, MariaDB and Redis | how many |\n| --- | --- | --- | --- |\n")
	for _, id := range slices.SortedFunc(maps.Keys(ids), inOrder) {
		var alone string
		if defect, found := defects[id]; found {
			name := runtime.FuncForPC(reflect.ValueOf(defect.test).Pointer()).Name()
			alone = name[strings.LastIndex(name, ".")+1:]
		}
		several := defectsInClusters[id]
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", id, alone, several.test, several.servers)
	}
	return table.String()
}

// TestDefectsInClusters: the tests are there, the defects are described, and the
// table of docs/turbo-chat.md says which is tested where.
func TestDefectsInClusters(t *testing.T) {
	var files []string
	for _, dir := range []string{"", "../deploy/", "../server/"} {
		found, err := filepath.Glob(dir + "*_test.go")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	var source strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
	}
	described, err := os.ReadFile("../docs/turbo-chat.md")
	if err != nil {
		t.Fatal(err)
	}
	for id, defect := range defectsInClusters {
		if !strings.Contains(source.String(), "\nfunc "+defect.test+"(t *testing.T") {
			t.Errorf("%s: there is no test %s", id, defect.test)
		}
		if !strings.Contains(string(described), "**"+id+"**") {
			t.Errorf("docs/turbo-chat.md does not describe defect %s", id)
		}
	}
	if table := defectTable(); !strings.Contains(string(described), table) {
		t.Errorf("docs/turbo-chat.md has another table of tests than\n%s", table)
	}
}
