// Package services starts the real servers that tests run against. Each
// belongs to one test process: it has its own directory and a free port, so
// that runs can stand side by side and a test may kill it.
//
// A guardian process ends the server and removes its directory when the test
// process has ended, in whatever way: a failure, a panic, a time limit or kill
// -9 leaves nothing behind.
package services
