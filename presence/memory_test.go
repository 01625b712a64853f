package presence_test

import (
	"fmt"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/presence"
	"github.com/parleychat/parley/presence/presencetest"
)

func TestMemory(t *testing.T) {
	presencetest.Run(t, func(_ *testing.T, clock *presencetest.Clock) presence.Presence {
		return presence.NewMemory(clock.Now)
	})
}

func ExampleMemory() {
	who := presence.NewMemory(nil)
	who.Enter(7, chat.StatusChoice{})
	who.Enter(7, chat.StatusChoice{}) // a second tab
	who.Leave(7)                      // closing one of them
	fmt.Println(who.Status(7))
	// Output: online
}
