//go:build planted_ahead_of_applied

package planted

const bug = "AheadOfApplied"
