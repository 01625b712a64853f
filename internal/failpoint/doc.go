// Package failpoint has named points in the server's code at which a test can
// end the process, make it wait, or make a step fail. They exist only in a
// program built with the tag "failpoints"; in every other build a point
// compiles to nothing.
//
// A point is one line:
//
//	failpoint.Pass(failpoint.LogDurable)                            // may end or wait
//	if err := failpoint.Fail(failpoint.LogAppended); err != nil {…} // may fail, too
//
// Which points do what is chosen from outside, by two environment variables:
//
//	PARLEY_FAILPOINTS      point=action[@pass], separated by commas
//	PARLEY_FAILPOINTS_DIR  a directory to meet in, for the action pause
//
// The actions are
//
//	kill   the process ends as by kill -9
//	linger the same, a moment later: whoever came there waits, and the rest
//	       of the process goes on until then
//	pause  a file with the point's name is made in the directory, and the
//	       process goes on when somebody has removed it: a barrier
//	fail   Fail returns [ErrInjected]; Pass goes on
//
// A pass is a number from 1 on, counted for each point: @3 acts at the third
// pass only, @3+ at the third and every later one. Without it every pass acts.
// A planted bug is a point at which Fail turns the right way into the wrong
// one.
//
// Before it acts a point says so on standard error, in one write: "failpoint
// log-durable: kill at pass 3".
package failpoint
