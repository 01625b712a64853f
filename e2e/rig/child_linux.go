package rig

import (
	"os/exec"
	"syscall"
)

// dieWithTest ends the process when the test's process is killed before it
// could do so itself.
func dieWithTest(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
