// Package clients tests the server with the clients that people have: the
// official ones for JavaScript and Java, and the one for Python, each in
// versions that are pinned in this directory. install.sh puts them into a cache
// outside the repository. Those that are not installed are skipped; with
// PARLEY_TEST_CLIENTS=required they are installed, and it is a failure if they
// cannot be.
package clients
