//go:build !linux

package e2e

import (
	"testing"

	"github.com/parleychat/parley/e2e/rig"
)

func smallDisk(t *testing.T, _ int) string {
	t.Helper()
	rig.Missing(t, "a small disk is only mounted on Linux")
	return ""
}

func fill(t *testing.T, _ string) { t.Fatal("there is no small disk") }
