//go:build planted_ack_before_commit

package planted

const bug = "AckBeforeCommit"
