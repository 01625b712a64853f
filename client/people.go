package client

import (
	"context"
	"fmt"

	"github.com/parleychat/parley/protocol"
)

// SetStatus says how the person wants to be shown to others while they are
// online: online, away or dnd (do not disturb). It stays until it is set anew,
// on whatever device; the person's others hear of it by [Config.StatusChanged].
// What is nil stays as it is: with nothing at all it only asks. A refusal is a
// *[Refused].
func (c *Client) SetStatus(ctx context.Context, wanted protocol.StatusRequest) (protocol.OwnStatus, error) {
	var ack protocol.StatusAck
	if err := c.Call(ctx, protocol.SetStatus, wanted, &ack); err != nil {
		return protocol.OwnStatus{}, fmt.Errorf("set status: %w", err)
	}
	return ack.OwnStatus, nil
}

// SearchPeople finds people by the beginning of their handle or of a word of
// their name, also those with whom the person shares no room: a page of them,
// and in Next how to ask for the one behind it. It may be asked 30 times a
// minute, and waits for its turn beyond that. A refusal is a *[Refused].
func (c *Client) SearchPeople(ctx context.Context, wanted protocol.SearchPeopleRequest) (protocol.PeoplePage, error) {
	var ack protocol.SearchPeopleAck
	if err := c.Call(ctx, protocol.SearchPeople, wanted, &ack); err != nil {
		return protocol.PeoplePage{}, fmt.Errorf("search people: %w", err)
	}
	return ack.PeoplePage, nil
}

// Online lists who of the room's members is online, and how they are shown.
// [Config.Presence] tells what changes from then on; after a cut the list has to
// be asked for again.
func (r *Room) Online(ctx context.Context) ([]protocol.OnlinePerson, error) {
	var ack protocol.OnlineAck
	if err := r.c.Call(ctx, protocol.GetOnlineUsers, protocol.OnlineRequest{RoomRef: r.ref()}, &ack); err != nil {
		return nil, r.wrap(err)
	}
	return ack.Users, nil
}
