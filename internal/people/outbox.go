package people

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/protocol"
)

// givingUp is how often somebody thinks better of a message that was refused for
// now: what has failed has no effect.
const givingUp = 0.1

// letter is a message until it has a final answer.
type letter struct {
	kind      string // check.KindMessage, KindEdit or KindDelete
	target    uint64 // of a change: the message's number
	cid, text string
	begun     bool    // an attempt was made
	doubt     bool    // an attempt of unknown outcome was made
	offered   bool    // another device was given a copy
	next      *letter // to be sent right behind it
}

// post sends what is in the outbox of a room, one at a time, each until it has
// a final answer.
func (s *session) post(p *place) {
	select {
	case <-p.member:
	case <-s.ctx.Done():
		return
	}
	for {
		if p.head == nil {
			p.head = s.compose(p)
		}
		if p.head == nil || s.person.Patience.Wait(s.ctx) != nil {
			return
		}
		s.offer(p)
		done, retryAfter := s.attempt(p, p.head)
		if done {
			p.head = p.head.next
		} else if !Pause(s.ctx, retryAfter) {
			return
		}
	}
}

// compose waits until there is something to send; nil when there is not, for
// this connection or for ever.
func (s *session) compose(p *place) *letter {
	select {
	case <-p.finished:
		return nil
	default:
	}
	timer := time.NewTimer(s.crowd.Dice.About(s.crowd.Habits.Thinking))
	defer timer.Stop()
	select {
	case l := <-p.shared:
		return l
	case <-timer.C:
	case <-s.crowd.Volley.wait():
		if s.crowd.Bulk.Load() == 0 && !s.crowd.Dice.In(s.crowd.Habits.Heeding) {
			return s.compose(p)
		}
	case <-s.crowd.quiet:
		close(p.finished)
		return nil
	case <-s.ctx.Done():
		return nil
	}
	if !s.awake() {
		return nil
	}
	return s.write(p)
}

// write makes a letter: mostly a message, sometimes another text for one or its
// end. Some cids are not of the recommended form, or look old, so that the server
// has to ask its store about them; some are used twice, and some are those of
// somebody else.
func (s *session) write(p *place) *letter {
	l := &letter{kind: check.KindMessage, cid: s.newCID(), text: s.text(p.room)}
	if n := len(p.mine); n > 0 && s.crowd.Dice.In(0.1) {
		l.kind, l.target = check.KindEdit, p.mine[s.crowd.Dice.Below(n)]
		if s.crowd.Dice.In(0.4) {
			l.kind, l.text = check.KindDelete, ""
		}
		s.crowd.met("change: " + l.kind)
	}
	switch n := s.crowd.Dice.Below(20); {
	case n == 0:
		l.cid = "note_" + strings.ReplaceAll(l.cid, "-", "")
	case n == 1:
		l.cid = "0000" + l.cid[4:] // of the year 1970
	case n == 2:
		s.crowd.met("cid used for another text")
		l.next = &letter{kind: check.KindMessage, cid: l.cid, text: s.text(p.room)}
	case n == 3:
		if other := s.crowd.cids.other(s.person.ID, p.room); other != "" {
			s.crowd.met("cid of somebody else")
			l.cid = other
		}
	}
	s.crowd.cids.note(s.person.ID, p.room, l.cid)
	return l
}

// newCID makes a UUIDv7 by the clock of the person's device.
func (s *session) newCID() string {
	id, err := uuid.NewV7()
	if err != nil {
		panic(fmt.Sprintf("no randomness: %v", err))
	}
	if s.person.Skew != 0 {
		ms := uint64(time.Now().Add(s.person.Skew).UnixMilli())
		binary.BigEndian.PutUint16(id[:2], uint16(ms>>32))
		binary.BigEndian.PutUint32(id[2:6], uint32(ms))
	}
	return id.String()
}

// recentCIDs are the latest cids of each room, for others to use.
type recentCIDs struct {
	mu  sync.Mutex
	all []usedCID
}

type usedCID struct {
	user, room int64
	cid        string
	by         []int64
}

func (c *recentCIDs) note(user, room int64, cid string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, usedCID{user: user, room: room, cid: cid})
	c.all = c.all[max(0, len(c.all)-20):]
}

// other finds a cid that somebody else has used, and this person has not.
func (c *recentCIDs) other(user, room int64) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.all {
		used := &c.all[i]
		if used.room == room && used.user != user && !slices.Contains(used.by, user) {
			used.by = append(used.by, user)
			return used.cid
		}
	}
	return ""
}

func (s *session) text(room int64) string {
	words := []string{"tea", "rain", "größer", "naïve", "日本", "🙂", "<b>", `"quoted"`, "new\nline"}
	text := fmt.Sprintf("%s %d", s.name, s.crowd.History.Call())
	for range s.crowd.Dice.Below(10) {
		text += " " + words[s.crowd.Dice.Below(len(words))]
	}
	if n := int(s.crowd.Bulk.Load()); n > 0 {
		text += strings.Repeat("🙂", n)
	}
	if word := s.crowd.newWord(room); word != "" {
		text += " " + word
	}
	return text
}

// offer lets the person's other devices send the same cid at the same moment,
// mostly with the same text. Somebody who leaves rooms, or is thrown out of this
// one, does not: their devices would be told different things.
func (s *session) offer(p *place) {
	l := p.head
	if l.begun || l.offered || l.next != nil || l.kind != check.KindMessage || s.person.Wanders || s.person.Outcast[p.room] || s.crowd.isQuiet() || !s.crowd.Dice.In(0.08) {
		return
	}
	l.offered = true
	copies := 1
	for _, other := range s.person.Devices {
		if other == s.Device {
			continue
		}
		twin := &letter{kind: l.kind, cid: l.cid, text: l.text, offered: true}
		if s.crowd.Dice.In(0.2) {
			twin.text = s.text(p.room)
		}
		select {
		case other.place(p.room).shared <- twin:
			copies++
		default:
		}
	}
	if copies > 1 {
		s.crowd.met("cid from several devices at once")
	}
	if copies >= 5 {
		s.crowd.met("cid from five devices at once")
	}
}

// attempt sends a letter once, mostly over the socket. done says that there is
// nothing more to be done about it.
func (s *session) attempt(p *place, l *letter) (done bool, retryAfter time.Duration) {
	line := check.Line{What: check.Send, Device: s.name, Room: p.room, Call: s.crowd.History.Call(), Retry: l.doubt,
		Event: check.Event{User: s.person.ID, CID: l.cid}}
	if l.text != "" {
		line.Hash = check.Hash(l.text)
	}
	line.Word = wordIn(l.text)
	if l.kind != check.KindMessage {
		line.Kind, line.Target = l.kind, l.target
	}
	l.begun = true
	s.crowd.History.Write(line)
	if l.kind == check.KindMessage && s.crowd.Dice.In(s.crowd.Habits.Calls) {
		return s.attemptREST(p, l, line.Call)
	}
	event, request := l.request(p.room)
	s.ask(event, request, func(raw json.RawMessage) {
		var ack protocol.SendAck
		var refusal *protocol.ErrorInfo
		if raw == nil {
			refusal = &protocol.ErrorInfo{}
		} else {
			refusal = refusalIn(raw, &ack)
		}
		done, retryAfter = s.outcome(p, l, line.Call, "", ack, refusal)
	})
	return done, retryAfter
}

// request is how a letter goes over the socket.
func (l *letter) request(room int64) (event string, request any) {
	in := protocol.RoomRef{RoomID: room}
	change := protocol.Change{RoomRef: in, TargetSeq: l.target, CID: l.cid, Retry: l.doubt}
	switch l.kind {
	case check.KindEdit:
		return protocol.EditMessage, protocol.EditRequest{Change: change, MessageText: l.text}
	case check.KindDelete:
		return protocol.DeleteMessage, protocol.DeleteRequest{Change: change}
	}
	return protocol.SendMessage, protocol.SendRequest{RoomRef: in, MessageText: l.text, CID: l.cid, Retry: l.doubt}
}

func (s *session) attemptREST(p *place, l *letter, call int64) (done bool, retryAfter time.Duration) {
	request := protocol.SendRequest{MessageText: l.text, CID: l.cid, Retry: l.doubt}
	var ack protocol.SendAck
	var refusal *protocol.ErrorInfo
	var refused *RefusedError
	err := s.crowd.REST.Call(s.ctx, s.base, s.token, http.MethodPost, fmt.Sprintf("/api/v1/rooms/%d/messages", p.room), request, &ack)
	switch {
	case errors.As(err, &refused):
		refusal = &protocol.ErrorInfo{Code: refused.Code, Message: refused.Detail, RetryAfter: refused.RetryAfter}
	case err != nil:
		refusal = &protocol.ErrorInfo{}
	}
	return s.outcome(p, l, call, "rest", ack, refusal)
}

// outcome writes down what came of an attempt. refusal is nil if it was
// accepted, and has no code if there was no answer.
func (s *session) outcome(p *place, l *letter, call int64, via string, ack protocol.SendAck, refusal *protocol.ErrorInfo) (done bool, retryAfter time.Duration) {
	line := check.Line{What: check.Answered, Device: s.name, Room: p.room, Call: call, Via: via}
	retry := l.doubt
	switch {
	case refusal == nil:
		line.Outcome, line.At, line.Duplicate = check.OK, ack.At, ack.Duplicate
		line.Event = check.Event{Seq: ack.Seq, ID: ack.ID, Cursor: ack.Cursor}
		done = true
		if l.kind == check.KindMessage {
			p.mine = append(p.mine[max(0, len(p.mine)-15):], ack.Seq)
		}
		if bulk := s.crowd.Bulk.Load(); bulk > 0 && len(l.text) > int(bulk) {
			s.crowd.Bulky.Add(1)
		}
	case slices.Contains([]string{"", "unknown", "internal", "unauthorized"}, refusal.Code):
		line.Outcome, line.Code = check.Unknown, refusal.Code
		l.doubt = true
	default:
		line.Outcome, line.Code = check.Failed, refusal.Code
		if done = IsFinal(refusal.Code); !done && s.crowd.Dice.In(givingUp) {
			s.crowd.met("given up after a refusal")
			done = true
		}
	}
	s.crowd.History.Write(line)
	s.crowd.Progress.note(func(n *Counts) { n.add(&line, retry) })
	if refusal != nil {
		retryAfter = After(refusal.RetryAfter)
	}
	return done, retryAfter
}

// IsFinal reports whether a code says that the same cid need not be sent again.
func IsFinal(code string) bool {
	return slices.Contains([]string{"invalid", "forbidden", "not_found", "conflict", "cid_conflict", "too_large", "gone"}, code)
}
