//go:build planted_chain_unchecked

package planted

const bug = "ChainUnchecked"
