//go:build !linux

package main

import "context"

// exhaust can be done on Linux only.
func (c *campaign) exhaust(context.Context, *node) error { return errMissed }
