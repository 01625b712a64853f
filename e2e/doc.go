// Package e2e holds the tests that stand where people stand: outside. They run
// the real binary, drive it with real clients and real browsers, kill it, feed
// it garbage, and look at nothing but what comes back. Package rig starts and
// connects things; what cannot run on a machine is skipped in one line each.
package e2e
