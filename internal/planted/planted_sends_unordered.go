//go:build planted_sends_unordered

package planted

const bug = "SendsUnordered"
