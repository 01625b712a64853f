//go:build planted_stale_read

package planted

const bug = "StaleRead"
