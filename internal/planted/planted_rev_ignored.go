//go:build planted_rev_ignored

package planted

const bug = "RevIgnored"
