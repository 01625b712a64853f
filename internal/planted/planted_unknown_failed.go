//go:build planted_unknown_failed

package planted

const bug = "UnknownFailed"
