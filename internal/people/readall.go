package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/people/client"
	"github.com/parleychat/parley/protocol"
)

// Reader is a person who was never in a room, and how they come to the server.
type Reader struct {
	REST   *REST
	Dialer client.Dialer
	Token  string
}

// ReadAll dumps every room, over REST and over a socket, and returns the heads.
func (c *Crowd) ReadAll(ctx context.Context, reader Reader) (map[int64]uint64, error) {
	base, err := c.Server(ctx)
	if err != nil {
		return nil, err
	}
	heads := make(map[int64]uint64)
	for _, room := range c.Rooms {
		events, err := reader.dumpREST(ctx, base, room)
		if err != nil {
			return nil, fmt.Errorf("dump room %d over REST: %w", room, err)
		}
		c.final("rest", room, events)
		if len(events) > 0 {
			heads[room] = events[len(events)-1].Seq
		}
	}
	conn, err := reader.Dialer.Dial(ctx, base, client.WebSocket, protocol.Auth{Token: reader.Token})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	for _, room := range c.Rooms {
		events, err := dumpSocket(conn, room)
		if err != nil {
			return nil, fmt.Errorf("dump room %d over a socket: %w", room, err)
		}
		c.final("socket", room, events)
	}
	return heads, nil
}

func (c *Crowd) final(reader string, room int64, events []protocol.Event) {
	for i := range events {
		c.History.Write(check.Line{What: check.Final, Device: reader, Room: room, Event: seen(&events[i]), Members: membersOf(&events[i])})
	}
}

// dumpREST reads pages from the last to the first.
func (r *Reader) dumpREST(ctx context.Context, base string, room int64) (events []protocol.Event, err error) {
	query := check.Query{Limit: 200}
	for {
		var page protocol.PageAck
		err := r.REST.Call(ctx, base, r.Token, http.MethodGet, pagePath(room, query), nil, &page)
		if refused := (*RefusedError)(nil); errors.As(err, &refused) && refused.Code == string(chat.RateLimited) {
			time.Sleep(After(refused.RetryAfter))
			continue
		} else if err != nil {
			return nil, err
		}
		part, err := eventsOf(page)
		if err != nil {
			return nil, err
		}
		events = append(part, events...)
		if !page.MoreBefore || len(part) == 0 {
			return events, nil
		}
		query.Before = part[0].Seq
	}
}

// dumpSocket resumes from the beginning, without becoming a member.
func dumpSocket(conn *client.Conn, room int64) (events []protocol.Event, err error) {
	since := "0"
	for call := int64(1); ; call++ {
		request := protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomID: room}, Since: &since, Preview: true}
		if err := conn.Emit(protocol.JoinRoom, call, request); err != nil {
			return nil, err
		}
		limited := false
		for {
			packet, err := conn.Next()
			if err != nil {
				return nil, err
			}
			if packet.Event == protocol.ReceiveMessage {
				var ev protocol.Event
				if err := json.Unmarshal(packet.Arg, &ev); err != nil {
					return nil, err
				}
				if ev.RoomID == room {
					events = append(events, ev)
				}
			}
			if packet.Event != "" || packet.ID != call {
				continue
			}
			var ack protocol.JoinAck
			if refusal := refusalIn(packet.Arg, &ack); refusal != nil {
				if refusal.Code == string(chat.RateLimited) {
					time.Sleep(After(refusal.RetryAfter))
					limited = true
					break
				}
				return nil, fmt.Errorf("refused: %s: %s", refusal.Code, refusal.Message)
			}
			if !ack.More {
				return slices.Clip(events), nil
			}
			break
		}
		if limited {
			continue
		}
		if len(events) == 0 {
			return nil, fmt.Errorf("more is there, and nothing came")
		}
		since = events[len(events)-1].Cursor
	}
}
