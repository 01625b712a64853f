package e2e

import (
	"testing"

	"github.com/parleychat/parley/e2e/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }
