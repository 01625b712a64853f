package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// limit is what one catcher may take on one build.
const limit = 4 * time.Minute

// runner builds and runs catchers.
type runner struct {
	dir   string // for programs
	out   io.Writer
	sound map[catcher]finding // what catchers said of the build without bugs
}

// finding is what a catcher said of a build.
type finding struct {
	failed bool          // something is wrong with the build
	what   string        // what it says is wrong, in a line
	took   time.Duration // without building
	output []byte
}

// run lets every catcher of a mutant look at the build without the bug, and
// with it. The error says why the mutant does not count as caught.
func (r *runner) run(ctx context.Context, m mutant) error {
	if len(m.catchers) == 0 {
		return errors.New("nobody is there to catch it")
	}
	var problems []error
	for _, c := range m.catchers {
		if err := r.catch(ctx, m, c); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", c, err))
		}
	}
	return errors.Join(problems...)
}

func (r *runner) catch(ctx context.Context, m mutant, c catcher) error {
	sound, known := r.sound[c]
	if !known {
		var err error
		if sound, err = r.look(ctx, c, ""); err != nil {
			return err
		}
		r.sound[c] = sound
	}
	if sound.failed {
		return fmt.Errorf("fails without the bug, too\n%s", sound.output)
	}
	found, err := r.look(ctx, c, tagOf(m.bug))
	switch {
	case err != nil:
		return err
	case !found.failed:
		return errors.New("does not notice it: SURVIVED")
	case !regexp.MustCompile(c.want).Match(found.output):
		return fmt.Errorf("fails, and does not say %q\n%s", c.want, found.output)
	}
	fmt.Fprintf(r.out, "caught    %-18s by %s in %v: %s\n", m.bug, c, found.took.Round(10*time.Millisecond), found.what)
	return nil
}

func (r *runner) goTool(ctx context.Context, args ...string) error {
	if out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("does not build: %w\n%s", err, out)
	}
	return nil
}

// look lets a catcher look at the build with a tag, "" for none. An error says
// that it came to no judgement.
func (r *runner) look(ctx context.Context, c catcher, tag string) (finding, error) {
	if c.campaign != "" {
		return r.lookByCampaign(ctx, c, tag)
	}
	return r.lookByTest(ctx, c, tag)
}

func (r *runner) lookByTest(ctx context.Context, c catcher, tag string) (finding, error) {
	program := filepath.Join(r.dir, strings.ReplaceAll(c.pkg, "/", "_")+"."+tag+".test")
	if !exists(program) {
		if err := r.goTool(ctx, "test", "-c", "-vet=off", "-tags", tag, "-o", program, "./"+c.pkg); err != nil {
			return finding{}, err
		}
	}
	pattern := "^" + strings.ReplaceAll(c.test, "/", "$/^") + "$"
	test := exec.Command(program, "-test.run="+pattern, "-test.v", "-test.timeout=0")
	test.Dir = filepath.FromSlash(c.pkg)
	found, err := r.watch(ctx, test, testFailure)
	if err == nil && !found.failed && !bytes.Contains(found.output, []byte("\n--- PASS")) {
		err = fmt.Errorf("no test passed or failed\n%s", found.output)
	}
	return found, err
}

func (r *runner) lookByCampaign(ctx context.Context, c catcher, tag string) (finding, error) {
	server, crash := filepath.Join(r.dir, "parley."+tag), filepath.Join(r.dir, "crash")
	if !exists(crash) {
		if err := r.goTool(ctx, "build", "-o", crash, "./internal/crash"); err != nil {
			return finding{}, err
		}
	}
	if !exists(server) {
		if err := r.goTool(ctx, "build", "-tags", "failpoints,"+tag, "-o", server, "./cmd/parley"); err != nil {
			return finding{}, err
		}
	}
	kept := filepath.Join(r.dir, "campaign")
	defer os.RemoveAll(kept)
	args := append([]string{"-bin", server, "-seed", "1", "-dir", kept}, strings.Fields(c.campaign)...)
	return r.watch(ctx, exec.Command(crash, args...), campaignFailure)
}

// What a test and a campaign say when something is wrong. A campaign that has
// met too little says so, too, and that is no judgement.
var (
	testFailure     = regexp.MustCompile(`(?m)^\s*\S+\.go:\d+: .*$|^panic: .*$|^fatal error: .*$`)
	campaignFailure = regexp.MustCompile(`(?m)^  I\d+ .*$|^PROBLEM .*$|^crash: .*$`)
)

// watch runs a catcher. It has found something wrong if it fails and says what.
func (r *runner) watch(ctx context.Context, program *exec.Cmd, failure *regexp.Regexp) (finding, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var out bytes.Buffer
	program.Stdout, program.Stderr = &out, &out
	begun := time.Now()
	if err := program.Start(); err != nil {
		return finding{}, err
	}
	// It is asked to end, so that it takes its own processes with it.
	stop := context.AfterFunc(ctx, func() {
		_ = program.Process.Signal(os.Interrupt)
		time.AfterFunc(10*time.Second, func() { _ = program.Process.Kill() })
	})
	err := program.Wait()
	stop()
	const enough = 8000
	output := out.Bytes()
	found := finding{failed: err != nil, took: time.Since(begun), output: output[max(0, len(output)-enough):]}
	found.what = strings.TrimSpace(string(failure.Find(output)))
	const line = 160
	if len(found.what) > line {
		found.what = found.what[:line] + " …"
	}
	switch {
	case ctx.Err() != nil:
		return found, fmt.Errorf("took longer than %v\n%s", limit, found.output)
	case found.failed && found.what == "":
		return found, fmt.Errorf("failed, and did not say why: %w\n%s", err, found.output)
	}
	return found, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// tagOf is the build tag that plants a bug: AckBeforeCommit is
// planted_ack_before_commit.
func tagOf(bug string) string {
	var tag strings.Builder
	tag.WriteString("planted")
	for _, letter := range bug {
		if letter >= 'A' && letter <= 'Z' {
			tag.WriteByte('_')
		}
		tag.WriteString(strings.ToLower(string(letter)))
	}
	return tag.String()
}
