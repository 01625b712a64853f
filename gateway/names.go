package gateway

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// know makes sure that the hub knows how the authors of these events are
// called: those that nobody on this node has met are looked up.
func (g *Gateway) know(ctx context.Context, events []*chat.Event) error {
	var strangers []chat.UserID
	asked := make(map[chat.UserID]struct{})
	for _, ev := range events {
		if _, twice := asked[ev.User]; twice || ev.User == 0 {
			continue
		}
		asked[ev.User] = struct{}{}
		if g.cfg.Hub.Person(ev.User).Handle == "" {
			strangers = append(strangers, ev.User)
		}
	}
	if len(strangers) == 0 {
		return nil
	}
	people, err := g.cfg.People(ctx, strangers)
	if err != nil {
		refusal := chat.Errorf(chat.Unavailable, "The database cannot be asked right now. Try again in a moment.")
		refusal.RetryAfter = lateRetry
		return fmt.Errorf("look up names: %w (%w)", refusal, err)
	}
	g.cfg.Hub.KnowPeople(people...)
	return nil
}
