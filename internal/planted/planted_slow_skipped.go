//go:build planted_slow_skipped

package planted

const bug = "SlowSkipped"
