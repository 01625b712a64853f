// Command mutants builds the server with each planted bug and fails unless
// somebody notices: `make mutants`, or
//
//	go run ./internal/mutants [-only BUG]
//
// Package planted has the bugs; the table of this package says who has to catch
// each: a test of a package, or a campaign whose histories package check judges.
// A catcher first has to pass on the build without bugs, so that what it says
// of the bug is about the bug. Then it has to fail with the bug, by itself: a
// mutant that does not build, or whose catcher only ran out of time, was not
// caught. Any mutant that survives fails the run.
package main
