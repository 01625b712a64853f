//go:build unix

package services

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// guardian is a process that outlives this one by a moment: it reads the pid of
// the server that it guards, each time there is a new one, and when this
// process has ended, so that nobody can write any more, ends that server and
// removes its directory.
type guardian struct {
	process *exec.Cmd
	pids    *os.File
}

const guardianScript = `
trap '' INT TERM HUP
last=
while read -r pid; do last=$pid; done
[ -z "$last" ] || kill -9 "$last" 2>/dev/null
rm -rf "$1"
`

func watch(dir string) (*guardian, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	process := exec.Command("/bin/sh", "-c", guardianScript, "guardian", dir)
	process.Stdin = read
	process.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := process.Start(); err != nil {
		write.Close()
		return nil, err
	}
	return &guardian{process: process, pids: write}, nil
}

// guard names the process to end.
func (g *guardian) guard(pid int) { g.say(strconv.Itoa(pid)) }

// forget is for when that process has ended: its pid may soon be another's.
func (g *guardian) forget() { g.say("") }

func (g *guardian) say(line string) {
	// Only a guardian that was killed does not listen, and then there is none.
	_, _ = fmt.Fprintln(g.pids, line)
}

// dismiss is for when there is nothing left to guard.
func (g *guardian) dismiss() error {
	if err := g.pids.Close(); err != nil {
		return err
	}
	return g.process.Wait()
}
