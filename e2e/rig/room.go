package rig

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

// Join subscribes to a room from now on.
func (c *Socket) Join(room int64) protocol.JoinAck {
	c.t.Helper()
	return c.join(protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomID: room}})
}

// JoinSince subscribes to a room after everything behind the cursor has come,
// in as many parts as the server wants.
func (c *Socket) JoinSince(room int64, cursor string) protocol.JoinAck {
	c.t.Helper()
	for {
		ack := c.join(protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomID: room}, Since: &cursor})
		if !ack.More {
			return ack
		}
		events := c.InRoom(room)
		if len(events) == 0 || events[len(events)-1].Cursor == cursor {
			c.t.Fatalf("joinRoom since %s: more, but nothing came", cursor)
		}
		cursor = events[len(events)-1].Cursor
	}
}

func (c *Socket) join(req protocol.JoinRequest) protocol.JoinAck {
	c.t.Helper()
	var ack protocol.JoinAck
	c.Ask(&ack, protocol.JoinRoom, req)
	if ack.Reset != nil {
		c.t.Fatalf("joinRoom %+v: reset %+v", req, *ack.Reset)
	}
	return ack
}

// Say sends a message and waits until it is durable. Whoever talks faster than
// a person may is slowed down, as a good client slows itself down.
func (c *Socket) Say(room int64, text string) protocol.SendAck {
	c.t.Helper()
	cid := NewCID()
	for {
		ack, err := c.TrySay(room, text, cid)
		var refused *Refused
		if errors.As(err, &refused) && waited(refused.ErrorInfo) {
			continue
		}
		if err != nil {
			c.t.Fatalf("say %.100q: %v", text, err)
		}
		return ack
	}
}

// waited waits as long as whoever talks too fast is told to. It reports false
// where the refusal is another one, or one that lasts.
func waited(refusal protocol.ErrorInfo) bool {
	if refusal.Code != string(chat.RateLimited) || refusal.RetryAfter > 1 {
		return false
	}
	time.Sleep(time.Duration(refusal.RetryAfter * float64(time.Second)))
	return true
}

// TrySay is Say for a message that may be refused.
func (c *Socket) TrySay(room int64, text, cid string) (ack protocol.SendAck, err error) {
	err = c.TryAsk(&ack, protocol.SendMessage, protocol.SendRequest{RoomRef: protocol.RoomRef{RoomID: room}, MessageText: text, CID: cid})
	return ack, err
}

// SayAtLast sends a message again and again, with the same cid, until it is
// acknowledged or refused for good, as a client does that loses nothing.
func (c *Socket) SayAtLast(room int64, text, cid string) (ack protocol.SendAck, err error) {
	req := protocol.SendRequest{RoomRef: protocol.RoomRef{RoomID: room}, MessageText: text, CID: cid}
	for {
		err = c.TryAsk(&ack, protocol.SendMessage, req)
		var refused *Refused
		if !errors.As(err, &refused) || chat.Code(refused.Code).Final() {
			return ack, err
		}
		req.Retry = true
		time.Sleep(time.Duration(refused.RetryAfter * float64(time.Second)))
	}
}

// NewCID is a client's id for a new event.
func NewCID() string { return uuid.Must(uuid.NewV7()).String() }

// InRoom are the events of a room so far, gaps and resets included.
func (c *Socket) InRoom(room int64) []protocol.Event {
	c.t.Helper()
	events, err := c.tryInRoom(room)
	if err != nil {
		c.t.Fatal(err)
	}
	return events
}

func (c *Socket) tryInRoom(room int64) ([]protocol.Event, error) {
	var found []protocol.Event
	for _, ev := range c.Events(protocol.ReceiveMessage) {
		var event protocol.Event
		if err := ev.Into(&event); err != nil {
			return nil, fmt.Errorf("%v: %w", ev, err)
		}
		if event.RoomID == room {
			found = append(found, event)
		}
	}
	return found, nil
}

// AwaitSeq waits until the event with this number, or a later one, has come.
func (c *Socket) AwaitSeq(room int64, seq uint64) {
	c.t.Helper()
	c.Await(protocol.ReceiveMessage, func(ev Event) bool {
		var event protocol.Event
		return ev.Into(&event) == nil && event.RoomID == room && event.Seq >= seq
	})
}

// AwaitText waits for a message.
func (c *Socket) AwaitText(room int64, text string) protocol.Event {
	c.t.Helper()
	var event protocol.Event
	c.Await(protocol.ReceiveMessage, func(ev Event) bool {
		event = protocol.Event{}
		return ev.Into(&event) == nil && event.RoomID == room && event.MessageText == text
	})
	return event
}

// Page reads one page of history over the socket.
func (c *Socket) Page(req protocol.PageRequest) Page {
	c.t.Helper()
	var ack protocol.PageAck
	c.Ask(&ack, protocol.GetMessages, req)
	page, err := readPage(ack)
	if err != nil {
		c.t.Fatal(err)
	}
	return page
}

// Page is a page of history, decoded.
type Page struct {
	protocol.PageAck
	Events []protocol.Event
}

// Messages are the messages of the page.
func (p Page) Messages() []protocol.Event { return Messages(p.Events) }

func readPage(ack protocol.PageAck) (Page, error) {
	page := Page{PageAck: ack, Events: make([]protocol.Event, len(ack.Events))}
	for i, raw := range ack.Events {
		if err := json.Unmarshal(raw, &page.Events[i]); err != nil {
			return page, fmt.Errorf("event %s: %w", raw, err)
		}
	}
	return page, nil
}

// Page reads one page of history over REST; query begins with ? or is empty. A
// server that says that it could not get there in time, which on a busy machine
// it may, is asked again.
func (p *Person) Page(room int64, query string) Page {
	p.t.Helper()
	var ack protocol.PageAck
	var err error
	Eventually(p.t, "an answer with a page", func() bool {
		err = p.callSlowly(&ack, "GET", fmt.Sprintf("/api/v1/rooms/%d/messages%s", room, query), nil)
		return StatusOf(err) != http.StatusServiceUnavailable
	})
	if err != nil {
		p.t.Fatalf("page %s of room %d for %s: %v", query, room, p.Name, err)
	}
	page, err := readPage(ack)
	if err != nil {
		p.t.Fatal(err)
	}
	return page
}

// Messages are the messages among events.
func Messages(events []protocol.Event) []protocol.Event {
	return slices.DeleteFunc(slices.Clone(events), func(ev protocol.Event) bool { return ev.Kind != "message" })
}

// Texts are the texts of the messages among events.
func Texts(events []protocol.Event) []string {
	var texts []string
	for _, ev := range Messages(events) {
		texts = append(texts, ev.MessageText)
	}
	return texts
}

// Contiguous checks that events follow each other without a hole, a double or a
// step back, from the first of them on.
func Contiguous(events []protocol.Event) error {
	for i := 1; i < len(events); i++ {
		if events[i].Seq != events[i-1].Seq+1 {
			return fmt.Errorf("seq %d (%s) comes after seq %d (%s)", events[i].Seq, events[i].Kind, events[i-1].Seq, events[i-1].Kind)
		}
	}
	return nil
}
