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
	"R1": "clusterReadsCold",  // what is said leaves nothing in Redis
	"R2": "clusterReadsCold",  // a Redis without its keys hides nothing
	"R3": "clusterReadsCold",  // nor is anything there twice
	"R4": "clusterReadsCold",  // a count is what it may be
	"R5": "clusterReadsCold",  // a Redis that is killed ends nobody
	"R6": "clusterReadsCold",  // the history lies in the database
	"O1": "TestDegraded",      // a database that is late
	"O2": "TestDegraded",      // a Kafka that is late, with readiness red
	"O3": "clusterRolls",      // a stop of each server is in order, and clean
	"O5": "TestVolumes",       // every service that keeps something has a volume; TestImage, TestEveryService: pinned
	"O6": "TestMetrics",       // with TestBackupAndRestore, TestMigrateAtOnce and readiness in TestDegraded
	"O7": "clusterTalks",      // the servers run beside the brokers, not within their network
}

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
	for id, test := range defectsInClusters {
		if !strings.Contains(source.String(), "\nfunc "+test+"(t *testing.T") {
			t.Errorf("%s: there is no test %s", id, test)
		}
		if !strings.Contains(string(described), "**"+id+"**") {
			t.Errorf("docs/turbo-chat.md does not describe defect %s", id)
		}
	}
}
