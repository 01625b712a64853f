package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"time"

	"github.com/parleychat/parley/internal/people"
)

// startTime is how long the server may take to serve, with a log to read.
const startTime = 2 * time.Minute

// server is the real program, started and killed as needed.
type server struct {
	data     string
	settings []string // more of the environment
	log      *os.File
	died     func(error) // told when it ends and nobody wanted it to

	mu      sync.Mutex
	bin     string // its program
	process *process
	up      chan struct{} // closed while there is an address
}

// process is one life of it.
type process struct {
	cmd    *exec.Cmd
	logged int64         // how long the log was before it
	url    string        // written under server.mu, by watch
	wanted bool          // its end is wanted; guarded by server.mu
	ended  chan struct{} // closed when it has ended, with err
	err    error
}

func newServer(bin, data, logPath string) (*server, error) {
	if _, err := exec.LookPath(bin); err != nil {
		return nil, fmt.Errorf("the server's program: %w (build it, or name it with -bin)", err)
	}
	log, err := os.Create(logPath)
	if err != nil {
		return nil, err
	}
	return &server{bin: bin, data: data, log: log, up: make(chan struct{})}, nil
}

// begin starts the program, with more settings in its environment. It is ready
// some time later, or never.
func (s *server) begin(settings ...string) (*process, error) {
	return s.beginAs(&process{}, settings)
}

// beginDoomed starts the program so that it may end by itself.
func (s *server) beginDoomed(settings ...string) (*process, error) {
	return s.beginAs(&process{wanted: true}, settings)
}

func (s *server) beginAs(p *process, settings []string) (*process, error) {
	cmd := exec.Command(s.program(), "serve")
	cmd.Env = append(os.Environ(), "PARLEY_LISTEN=127.0.0.1:0", "PARLEY_DATA="+s.data, "PARLEY_LOG_FORMAT=json")
	cmd.Env = append(append(cmd.Env, s.settings...), settings...)
	cmd.Stderr = s.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	log, err := s.log.Stat()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	p.cmd, p.ended, p.logged = cmd, make(chan struct{}), log.Size()
	s.mu.Lock()
	s.process = p
	s.mu.Unlock()
	go s.watch(p, out)
	return p, nil
}

// address is what the program says once it listens.
var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// watch reads what the program says, and waits for its end.
func (s *server) watch(p *process, out io.Reader) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url := address.FindString(lines.Text()); url != "" && p.url == "" {
			s.mu.Lock()
			p.url = url
			close(s.up)
			s.mu.Unlock()
		}
	}
	p.err = p.cmd.Wait()
	s.mu.Lock()
	if p.url != "" {
		s.up = make(chan struct{})
	}
	s.process = nil
	wanted := p.wanted
	s.mu.Unlock()
	close(p.ended)
	if !wanted {
		s.died(s.endedByItself(p))
	}
}

// address waits until there is one.
func (s *server) address(ctx context.Context) (string, error) {
	for {
		s.mu.Lock()
		up, url := s.up, ""
		if s.process != nil {
			url = s.process.url
		}
		s.mu.Unlock()
		if url != "" {
			return url, nil
		}
		select {
		case <-up:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// ready waits until the process says that it can serve people.
func (s *server) ready(ctx context.Context, p *process) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, &stuckError{fmt.Sprintf("the server is not ready %v after its start", startTime)})
	defer cancel()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	go func() {
		select {
		case <-p.ended:
			fail(s.endedByItself(p))
		case <-ctx.Done():
		}
	}()
	for {
		lack := s.lack(ctx, p)
		if lack == "" {
			return nil
		}
		alarm, err := s.alarm(p)
		switch {
		case err != nil:
			return err
		case alarm != "":
			return &stuckError{fmt.Sprintf("the server is not ready (%s), and says: %s", lack, alarm)}
		}
		// There is nothing to be told by.
		if !people.Pause(ctx, 10*time.Millisecond) {
			return fmt.Errorf("%w: %s", context.Cause(ctx), lack)
		}
	}
}

// lack is why a process does not serve people yet, empty if it does.
func (s *server) lack(ctx context.Context, p *process) string {
	url := s.url(p)
	if url == "" {
		return "it has not said where it serves"
	}
	reasons, err := notReady(ctx, url)
	if err != nil {
		return err.Error()
	}
	return reasons
}

// notReady says what the server lacks, nothing if it can serve people.
func notReady(ctx context.Context, url string) (reasons string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return "", nil
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	return fmt.Sprintf("%s %s", response.Status, text), err
}

// saysThatItWaits looks for that in what it has logged. Its address is not known
// then: any port was asked for.
func (s *server) saysThatItWaits() (bool, error) {
	log, err := os.ReadFile(s.log.Name())
	return bytes.Contains(log, []byte(`"msg":"waiting for the disk to have space"`)), err
}

// url is where a process serves, empty before it does.
func (s *server) url(p *process) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return p.url
}

// running is the process at hand, nil if there is none.
func (s *server) running() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

// program is what is started, and take says what to start from now on.
func (s *server) program() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bin
}

func (s *server) take(program string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bin = program
}

// insist says that the process may not end any more.
func (s *server) insist(p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.wanted = false
}

// tolerate says that the process may end.
func (s *server) tolerate(p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.wanted = true
}

// kill ends the process at once, and waits until it is gone.
func (s *server) kill(p *process) error {
	s.tolerate(p)
	err := p.cmd.Process.Signal(syscall.SIGKILL)
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	<-p.ended
	return err
}

// pause stops the process where it is, until resume.
func (p *process) pause() error { return p.cmd.Process.Signal(syscall.SIGSTOP) }

func (p *process) resume() error { return p.cmd.Process.Signal(syscall.SIGCONT) }

// killed reports whether the process, which has ended, was killed.
func (p *process) killed() bool {
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// askToStop asks the process to end in good order.
func (s *server) askToStop(p *process) error {
	s.tolerate(p)
	err := p.cmd.Process.Signal(syscall.SIGTERM)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// stop asks the process to end, and waits until it has.
func (s *server) stop() error {
	p := s.running()
	if p == nil {
		return nil
	}
	if err := s.askToStop(p); err != nil {
		return err
	}
	select {
	case <-p.ended:
		return p.err
	case <-time.After(startTime):
		return errors.Join(fmt.Errorf("still running %v after SIGTERM", startTime), s.kill(p))
	}
}

// close ends whatever still runs.
func (s *server) close() error {
	if err := s.end(); err != nil {
		return err
	}
	return s.log.Close()
}

// end kills the process at hand, if there is one.
func (s *server) end() error {
	if p := s.running(); p != nil {
		return s.kill(p)
	}
	return nil
}
