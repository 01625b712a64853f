//go:build planted_guard_off

package planted

const bug = "GuardOff"
