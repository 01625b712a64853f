package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// What cannot be carried out says what to do, and nothing is made.
func TestOperatorsCommandsRefuse(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"tail", "--data", none}, "there is no data directory " + none},
		{[]string{"verify", "--data", none}, "--data"},
		{[]string{"backup", filepath.Join(none, "backup"), "--data", none}, "--data"},
		{[]string{"restore", none, "--data", filepath.Join(t.TempDir(), "new")}, "no such file"},
		{[]string{"tail", "--from", "yesterday"}, `from "yesterday": write an offset`},
		{[]string{"tail", "--from", "EPOCH:-1"}, "write an offset"},
		{[]string{"backup"}, "TARGET is missing"},
	} {
		if got := parley(t, nil, tc.args...); got.code == 0 || !strings.Contains(got.err, tc.want) {
			t.Errorf("%v: got exit code %d and %q, want a failure that says %q", tc.args, got.code, got.err, tc.want)
		}
	}
}

// The flags of one call are no settings: neither file nor environment has them.
func TestFlagsOfOneCallAreNoSettings(t *testing.T) {
	got := parley(t, map[string]string{"PARLEY_FROM": "yesterday"}, "tail", "--data", filepath.Join(t.TempDir(), "none"))
	if !strings.Contains(got.err, "there is no data directory") {
		t.Errorf("got %q, want PARLEY_FROM to have no effect", got.err)
	}
	got = parley(t, nil, "tail", "--config", configFile(t, "follow: true"))
	if got.code == 0 || !strings.Contains(got.err, `no setting "follow"`) {
		t.Errorf("got %+v, want the file refused", got)
	}
}

func TestDoctorSaysWhatIsWrong(t *testing.T) {
	got := parley(t, nil, "doctor", "--listen", "here", "--data", filepath.Join(t.TempDir(), "none"))
	if got.code != 1 || !strings.Contains(got.out, "fail  configuration: listen") || !strings.Contains(got.out, "to do: ") {
		t.Errorf("got %+v, want exit code 1 and what is wrong", got)
	}
	got = parley(t, nil, "doctor", "--json", "--listen", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "none"))
	for line := range strings.Lines(got.out) {
		var finding struct{ Check, Level, Text string }
		if err := json.Unmarshal([]byte(line), &finding); err != nil || finding.Check == "" || finding.Text == "" {
			t.Errorf("line %q: %v", line, err)
		}
	}
}

func TestHelpShowsGroups(t *testing.T) {
	got := parley(t, nil, "--help")
	at := -1
	for _, want := range []string{"Running", "serve", "Keeping", "backup", "restore", "Looking", "doctor", "verify", "tail", "Typing", "completion"} {
		next := strings.Index(got.out[at+1:], "\n"+want)
		if next < 0 {
			next = strings.Index(got.out[at+1:], "\n  "+want)
		}
		if next < 0 {
			t.Fatalf("the help lacks %s behind what comes before it:\n%s", want, got.out)
		}
		at += 1 + next
	}
	if n := strings.Count(got.out, "\nRunning\n"); n != 1 {
		t.Errorf("one heading stands there %d times:\n%s", n, got.out)
	}
	for _, command := range []string{"backup", "restore", "doctor", "verify", "tail"} {
		if got := parley(t, nil, command, "--help"); got.code != 0 || !strings.Contains(got.out, "Usage: parley "+command) {
			t.Errorf("%s: got %+v", command, got)
		}
	}
}
