package people

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/protocol"
)

// place is a device's place in a room, and its outbox for it.
type place struct {
	room int64

	mu     sync.Mutex
	cursor string // of the last event it has; empty: it knows nothing
	seq    uint64
	live   bool // joinRoom was answered: what comes is live

	member     chan struct{} // closed when the person is a member
	memberOnce sync.Once

	// The outbox. head and mine belong to the one goroutine that posts.
	head     *letter
	mine     []uint64      // the latest messages of this device
	shared   chan *letter  // what another device of the person sends at this moment
	finished chan struct{} // closed when it is empty and stays so
}

func newPlace(room int64) *place {
	return &place{room: room, member: make(chan struct{}), shared: make(chan *letter, 1), finished: make(chan struct{})}
}

// at says what the device has.
func (p *place) at() (cursor string, live bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cursor, p.live
}

func (p *place) reached(head uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.live && p.seq >= head
}

// set moves the place.
func (p *place) set(cursor string, seq uint64, live bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cursor, p.seq, p.live = cursor, seq, live
}

func (p *place) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live = false
}

// seen is an event as histories have it.
func seen(ev *protocol.Event) check.Event {
	e := check.Event{
		Seq: ev.Seq, ID: ev.ID, CID: ev.CID, User: ev.UserID, Kind: ev.Kind, Cursor: ev.Cursor,
		Target: ev.TargetSeq, Whom: ev.TargetUser, RoomKind: ev.RoomKind,
	}
	if ev.Kind == check.KindMessage || ev.Kind == check.KindEdit {
		if e.Rev, e.Deleted = ev.Rev, ev.Deleted; ev.MessageText != "" {
			e.Hash = check.Hash(ev.MessageText)
		}
	}
	return e
}

// membersOf are those whom a create event names.
func membersOf(ev *protocol.Event) (members []int64) {
	for _, member := range ev.Members {
		members = append(members, member.UserID)
	}
	return members
}

// received takes one receiveMessage.
func (s *session) received(raw json.RawMessage) {
	var ev protocol.Event
	if err := json.Unmarshal(raw, &ev); err != nil {
		s.crowd.Problem("%s got %s: %v", s.name, raw, err)
		return
	}
	p := s.place(ev.RoomID)
	if p == nil {
		s.crowd.Problem("%s got something of room %d: %s", s.name, ev.RoomID, raw)
		return
	}
	_, live := p.at()
	line := check.Line{Device: s.name, Room: ev.RoomID}
	switch ev.Kind {
	case "gap":
		line.What, line.From, line.To = check.Gap, ev.From, ev.To
		p.set("", ev.To, live)
	case "reset":
		line.What, line.Reset = check.Reset, ev.Reason
		p.set("", 0, false)
	default:
		line.What, line.Event, line.Members, line.Phase = check.Got, seen(&ev), membersOf(&ev), check.Resume
		if live {
			line.Phase = check.Live
		}
		p.set(ev.Cursor, ev.Seq, live)
	}
	s.crowd.History.Write(line)
	s.crowd.Progress.note(nil)
	if (ev.Kind == check.KindKick || ev.Kind == check.KindBan) && ev.TargetUser == s.person.ID && live {
		s.crowd.met(fmt.Sprintf("device whose person met a %s before its eyes", ev.Kind))
		s.cut("client") // and asks again and again to be let in
	}
}

// attend joins the rooms of the device and then does what people do with them,
// until the crowd is to finish. It returns how long the device stays away after it
// has cut its connection.
func (s *session) attend() (away time.Duration) {
	for _, p := range s.places {
		if !s.join(p) {
			return 0
		}
	}
	for s.idle() {
		// Often in the middle of a volley: whoever comes back then has to get
		// what is under way, once.
		p := s.places[s.crowd.Dice.Below(len(s.places))]
		n := s.crowd.Dice.Below(10)
		if n < 1 {
			s.cut("client")
			return s.crowd.Dice.About(700 * time.Millisecond)
		}
		if !s.leave(p, n < 3 && s.person.Wanders) {
			continue // it was not let go
		}
		if s.crowd.Dice.In(0.4) {
			Pause(s.ctx, s.crowd.Dice.About(300*time.Millisecond))
		}
		if !s.join(p) {
			return 0
		}
	}
	if s.ctx.Err() == nil {
		s.once.Do(func() { close(s.settled) })
	}
	return 0
}

// idle lets some time pass. It reports whether there is something to do then.
func (s *session) idle() bool {
	timer := time.NewTimer(s.crowd.Dice.About(s.crowd.Habits.Staying))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.crowd.Volley.wait():
	case <-s.crowd.quiet:
		return false
	case <-s.ctx.Done():
		return false
	}
	if s.crowd.Bulk.Load() > 0 {
		return s.idle() // nobody goes away in a flood
	}
	return s.awake() && !s.crowd.isQuiet()
}

// join subscribes to a room, however often that has to be asked. It reports
// whether the connection still stands.
func (s *session) join(p *place) bool {
	for s.ctx.Err() == nil {
		again, retryAfter := s.joinOnce(p)
		if !again {
			return s.ctx.Err() == nil
		}
		Pause(s.ctx, retryAfter)
	}
	return false
}

// joinOnce asks once, behind what the device has, or anew.
func (s *session) joinOnce(p *place) (again bool, retryAfter time.Duration) {
	cursor, _ := p.at()
	since, latest := cursor, 0
	if cursor == "" || s.crowd.Forget.Load() || s.crowd.Dice.In(s.crowd.Habits.Forgetful) {
		since = ""
		switch {
		case s.crowd.Dice.In(s.crowd.Habits.Nostalgic):
			since = "0"
		case s.crowd.Dice.In(0.5):
			latest = 1 + s.crowd.Dice.Below(50)
		}
		p.set("", 0, false)
	}
	call := s.crowd.History.Call()
	s.crowd.History.Write(check.Line{What: check.Join, Device: s.name, Room: p.room, Call: call, Since: since, Latest: latest})
	resumed := ""
	if since == cursor {
		resumed = cursor
	}
	request := protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomID: p.room}, Since: given(since), Latest: latest}
	s.ask(protocol.JoinRoom, request, func(raw json.RawMessage) {
		if raw != nil {
			again, retryAfter = s.joined(p, call, resumed, raw)
		}
	})
	return again, retryAfter
}

// joined takes the answer, in order with the events around it. resumed is the
// cursor that was gone on from; empty: the device began anew.
func (s *session) joined(p *place, call int64, resumed string, raw json.RawMessage) (again bool, retryAfter time.Duration) {
	var ack protocol.JoinAck
	line := check.Line{What: check.Joined, Device: s.name, Room: p.room, Call: call}
	if refusal := refusalIn(raw, &ack); refusal != nil {
		line.Code = refusal.Code
		s.crowd.History.Write(line)
		if IsFinal(refusal.Code) {
			return true, time.Second // until they are let in
		}
		return true, After(refusal.RetryAfter)
	}
	p.memberOnce.Do(func() { close(p.member) })
	switch {
	case ack.Reset != nil:
		line.Reset = ack.Reset.Reason
		p.set("", 0, false)
	case ack.Head == nil:
		line.Code = "internal"
		s.crowd.Problem("%s joined without a head: %s", s.name, raw)
	default:
		line.Seq, line.Cursor, line.More = ack.Head.Seq, ack.Head.Cursor, ack.More
		if now, _ := p.at(); resumed != "" && now != resumed {
			s.crowd.Progress.note(func(n *Counts) {
				n.Missed++
				if s.moved {
					n.Moved++
				}
			})
		}
		if !ack.More {
			p.set(ack.Head.Cursor, ack.Head.Seq, true)
		}
	}
	s.crowd.History.Write(line)
	s.crowd.Progress.note(nil)
	return ack.Reset != nil || ack.More, 0
}

// leave unsubscribes from a room, or leaves it for good. It reports whether the
// device is away then; an owner, for one, cannot leave for good.
func (s *session) leave(p *place, forever bool) (left bool) {
	request := protocol.LeaveRequest{RoomRef: protocol.RoomRef{RoomID: p.room}, Forever: forever}
	call := s.crowd.History.Call()
	s.crowd.History.Write(check.Line{What: check.Leave, Device: s.name, Room: p.room, Call: call})
	s.ask(protocol.LeaveRoom, request, func(raw json.RawMessage) {
		if raw == nil {
			return
		}
		line := check.Line{What: check.Left, Device: s.name, Room: p.room, Call: call}
		var ok protocol.OK
		refusal := refusalIn(raw, &ok)
		if refusal != nil {
			line.Code = refusal.Code
		} else {
			p.cut()
			left = true
		}
		s.crowd.History.Write(line)
		if refusal != nil && !IsFinal(refusal.Code) {
			s.cut("client") // nobody knows
		}
	})
	return left
}

// refusalIn reads an acknowledgement; it returns the refusal if it is one.
func refusalIn(raw json.RawMessage, ack any) *protocol.ErrorInfo {
	var refusal protocol.Refusal
	if err := json.Unmarshal(raw, &refusal); err != nil {
		return &protocol.ErrorInfo{Code: "internal", Message: err.Error()}
	}
	if !refusal.OK {
		return &refusal.Error
	}
	if err := json.Unmarshal(raw, ack); err != nil {
		return &protocol.ErrorInfo{Code: "internal", Message: err.Error()}
	}
	return nil
}

// After is how long to wait when told to, or when not.
func After(seconds float64) time.Duration {
	return max(time.Duration(seconds*float64(time.Second)), 50*time.Millisecond)
}
