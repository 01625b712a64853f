//go:build planted_opening_unpinned

package planted

const bug = "OpeningUnpinned"
