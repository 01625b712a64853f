package rig

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/parleychat/parley/protocol"
)

// Program is a client in another language that a test commands: it reads one
// JSON object a line and writes one JSON object a line. What it says on its
// error stream is shown when the test fails.
//
// It is started with the arguments url, token, transports ("polling",
// "websocket" or both with a comma) and room id; it connects, joins the room
// from now on, and then does what it is told:
//
//	{"do":"send","cid":…,"text":…}
//	{"do":"quit"}
//
// and says, as it happens:
//
//	{"is":"joined","transport":…,"answer":…}    joinRoom was answered
//	{"is":"event","event":…}                    a receiveMessage
//	{"is":"answer","cid":…,"answer":…}          a sendMessage was answered
//	{"is":"upgraded"}                           from polling to WebSocket
//	{"is":"trouble","text":…}                   what should not happen
type Program struct {
	t       testing.TB
	name    string
	process *Running
	stdin   io.WriteCloser
	said    journal[Said]
}

// Said is one line of a program.
type Said struct {
	Is        string
	Transport string
	CID       string
	Text      string
	Event     protocol.Event
	Answer    struct {
		protocol.SendAck
		Head  *protocol.Head
		Error *protocol.ErrorInfo
	}
}

// Command is one line to a program.
type Command struct {
	Do   string `json:"do"`
	CID  string `json:"cid,omitempty"`
	Text string `json:"text,omitempty"`
}

// Run starts a command that the test's end ends. What it writes to its error
// stream is shown when the test fails.
func Run(t testing.TB, name string, cmd *exec.Cmd) *Running {
	t.Helper()
	var stderr output
	cmd.Stderr = &stderr
	t.Cleanup(func() {
		if t.Failed() && stderr.String() != "" {
			t.Logf("%s said on the side:\n%s", name, tail(stderr.String(), 20))
		}
	})
	return &Running{spawn(t, cmd)}
}

// Running is a command that was started.
type Running struct{ *child }

// Alive fails the test if the command has ended by itself.
func (r *Running) Alive(t testing.TB) {
	t.Helper()
	if !r.running() {
		t.Fatalf("%s has ended: %v", r.cmd.Path, r.cmd.ProcessState)
	}
}

// Kill ends it with SIGKILL, and returns when it has ended.
func (r *Running) Kill(t testing.TB) {
	t.Helper()
	r.kill()
	r.wait(t)
}

// Wait waits for its end and returns the exit code, -1 when a signal ended it.
// Many steps have to fit in: it waits five times as long as for anything else.
func (r *Running) Wait(t testing.TB) int {
	t.Helper()
	select {
	case <-r.done:
	case <-time.After(5 * Patience):
		t.Fatalf("%s runs %v after its start", r.cmd.Path, 5*Patience)
	}
	return r.cmd.ProcessState.ExitCode()
}

// RunProgram starts a program. It ends with the test.
func RunProgram(t testing.TB, name string, cmd *exec.Cmd) *Program {
	t.Helper()
	p := &Program{t: t, name: name}
	var err error
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	// Not StdoutPipe, which Wait closes under the reader.
	lines, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = stdout
	p.process = Run(t, name, cmd)
	stdout.Close()
	go p.listen(lines)
	return p
}

func (p *Program) listen(lines io.ReadCloser) {
	defer lines.Close()
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var said Said
		if err := json.Unmarshal(scanner.Bytes(), &said); err != nil {
			p.said.end(fmt.Errorf("%s wrote %.200q: %w", p.name, scanner.Text(), err))
			return
		}
		p.said.add(said)
	}
	p.said.end(fmt.Errorf("%s has ended", p.name))
}

// Name is what the test calls the program.
func (p *Program) Name() string { return p.name }

// Tell gives a command.
func (p *Program) Tell(command Command) {
	p.t.Helper()
	line, err := json.Marshal(command)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.stdin.Write(append(line, '\n')); err != nil {
		p.t.Fatalf("tell %s: %v", p.name, err)
	}
}

// Await waits until the program has said n such things, and returns the last.
func (p *Program) Await(is string, n int) Said {
	p.t.Helper()
	said, err := p.said.await(is, n, func(s Said) bool { return s.Is == is })
	if err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
	return said
}

// AwaitSeq waits until the event with this number, or a later one, has come.
func (p *Program) AwaitSeq(seq uint64) {
	p.t.Helper()
	if _, err := p.said.await(fmt.Sprint("seq ", seq), 1, func(s Said) bool { return s.Is == "event" && s.Event.Seq >= seq }); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// All is everything that was said so far.
func (p *Program) All() []Said { return p.said.all() }
