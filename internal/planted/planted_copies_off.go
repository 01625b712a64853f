//go:build planted_copies_off

package planted

const bug = "CopiesOff"
