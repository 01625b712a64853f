//go:build !unix

package main

// keepPrivate has nothing to do where the rights of a directory are inherited
// by its files.
func keepPrivate() {}
