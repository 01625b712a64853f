//go:build !failpoints

package failpoint

// Enabled reports whether this program has the points.
const Enabled = false

// Pass does nothing in this build.
func Pass(Point) {}

// Fail returns nil in this build.
func Fail(Point) error { return nil }
