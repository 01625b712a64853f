package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// defectsInClusters are those that take several servers, or services that are
// away: each is shown by a test that starts real ones.
var defectsInClusters = map[string]string{
	"D1": "clusterTalks",      // everybody on three servers gets every message
	"D2": "clusterRecords",    // and it is stored once
	"D3": "clusterRolls",      // a start sends and stores nothing again
	"D4": "clusterRecords",    // nor does a recorder that was killed: verify compares
	"P3": "clusterSeesPeople", // nobody stays online whose server was killed
	"P4": "clusterSeesPeople", // people of other servers are told
	"R1": "historyWithoutRedis",
	"R2": "historyWithoutRedis",
	"R3": "historyWithoutRedis",
	"R4": "historyWithoutRedis",
	"R6": "historyWithoutRedis",
	"O1": "TestDegraded", // a database that is late
	"O2": "TestDegraded", // a Kafka that is late, with readiness red
}

func TestDefectsInClusters(t *testing.T) {
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
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
	for id, test := range defectsInClusters {
		if !strings.Contains(source.String(), "\nfunc "+test+"(t *testing.T") {
			t.Errorf("%s: there is no test %s", id, test)
		}
		if !strings.Contains(string(described), "**"+id+"**") {
			t.Errorf("docs/turbo-chat.md does not describe defect %s", id)
		}
	}
}
