//go:build planted_membership_cached

package planted

const bug = "MembershipCached"
