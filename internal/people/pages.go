package people

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/protocol"
)

// pagesByCall is the part of all pages that is read over REST.
const pagesByCall = 0.3

// browse reads pages now and then, at first at once: a server that has just
// started may not know yet how far its log goes.
func (s *session) browse() {
	for ; s.ctx.Err() == nil && !s.crowd.isQuiet(); Pause(s.ctx, s.crowd.Dice.About(s.crowd.Habits.Browsing)) {
		if !s.awake() {
			return
		}
		p := s.places[s.crowd.Dice.Below(len(s.places))]
		query := s.query(p)
		call := s.crowd.History.Call()
		line := check.Line{What: check.Ask, Device: s.name, Room: p.room, Call: call, Ask: &query}
		if s.crowd.Dice.In(pagesByCall) {
			line.Via = "rest"
			s.crowd.History.Write(line)
			s.turnPageREST(p, query, call)
		} else {
			s.crowd.History.Write(line)
			s.turnPage(p, query, call)
		}
	}
}

// query picks a place in what the device knows of the room.
func (s *session) query(p *place) check.Query {
	p.mu.Lock()
	cursor, seq := p.cursor, p.seq
	p.mu.Unlock()
	q := check.Query{Limit: 1 + s.crowd.Dice.Below(60)}
	place := 1 + uint64(s.crowd.Dice.Below(int(seq)+2))
	switch s.crowd.Dice.Below(6) {
	case 0:
		q.Before = place
	case 1:
		q.After = place
	case 2:
		q.Around = place
	case 3:
		q.AtLeast = cursor
	}
	return q
}

// given is what a request has of a value that may be absent.
func given[T comparable](value T) *T {
	if value == *new(T) {
		return nil
	}
	return &value
}

func (s *session) turnPage(p *place, q check.Query, call int64) {
	request := protocol.PageRequest{RoomRef: protocol.RoomRef{RoomID: p.room}, Before: given(q.Before), After: given(q.After), Around: given(q.Around), Limit: q.Limit, AtLeast: q.AtLeast}
	s.ask(protocol.GetMessages, request, func(raw json.RawMessage) {
		if raw == nil {
			return
		}
		var ack protocol.PageAck
		refusal := refusalIn(raw, &ack)
		s.paged(p, call, ack, refusal)
	})
}

func (s *session) turnPageREST(p *place, q check.Query, call int64) {
	var ack protocol.PageAck
	err := s.crowd.REST.Call(s.ctx, s.base, s.token, http.MethodGet, pagePath(p.room, q), nil, &ack)
	var refused *RefusedError
	switch {
	case err == nil:
		s.paged(p, call, ack, nil)
	case errors.As(err, &refused):
		s.paged(p, call, ack, &protocol.ErrorInfo{Code: refused.Code, Message: refused.Detail})
	}
}

func pagePath(room int64, q check.Query) string {
	values := url.Values{"limit": {strconv.Itoa(q.Limit)}}
	for name, seq := range map[string]uint64{"before": q.Before, "after": q.After, "around": q.Around} {
		if seq > 0 {
			values.Set(name, strconv.FormatUint(seq, 10))
		}
	}
	if q.AtLeast != "" {
		values.Set("atLeast", q.AtLeast)
	}
	return fmt.Sprintf("/api/v1/rooms/%d/messages?%s", room, values.Encode())
}

func (s *session) paged(p *place, call int64, ack protocol.PageAck, refusal *protocol.ErrorInfo) {
	line := check.Line{What: check.Paged, Device: s.name, Room: p.room, Call: call}
	if refusal != nil {
		line.Code = refusal.Code
		if IsFinal(refusal.Code) && !s.person.Outcast[p.room] {
			s.crowd.Problem("%s could not read room %d: %s: %s", s.name, p.room, refusal.Code, refusal.Message)
		}
	} else {
		line.Page = &check.Page{Events: []check.Event{}, AsOf: ack.AsOf, MoreBefore: ack.MoreBefore, MoreAfter: ack.MoreAfter}
		events, err := eventsOf(ack)
		if err != nil {
			s.crowd.Problem("%s got a page of room %d: %v", s.name, p.room, err)
		}
		for i := range events {
			line.Page.Events = append(line.Page.Events, seen(&events[i]))
		}
	}
	s.crowd.History.Write(line)
}

func eventsOf(ack protocol.PageAck) ([]protocol.Event, error) {
	var events []protocol.Event
	for _, raw := range ack.Events {
		var ev protocol.Event
		if err := json.Unmarshal(raw, &ev); err != nil {
			return events, fmt.Errorf("event %s: %w", raw, err)
		}
		events = append(events, ev)
	}
	return events, nil
}
