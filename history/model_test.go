package history_test

import (
	"encoding/json"
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/store"
)

// line is what a test compares of an event: what a client could see of it.
type line struct {
	Seq     chat.Seq
	Cursor  string
	Kind    chat.Kind
	N       uint64
	User    chat.UserID
	Target  chat.Seq
	Text    string
	Rev     chat.Seq
	Deleted bool
}

func linesOf(events []*chat.Event) []line {
	lines := make([]line, 0, len(events))
	for _, ev := range events {
		l := line{Seq: ev.Seq, Cursor: ev.Cursor().String(), Kind: ev.Kind, N: ev.N}
		if ev.Void() {
			l.Kind = chat.KindVoid
		} else {
			l.User, l.Target, l.Text, l.Rev, l.Deleted = ev.User, ev.TargetSeq, textOf(ev), ev.Rev, ev.Deleted
		}
		lines = append(lines, l)
	}
	return lines
}

func textOf(ev *chat.Event) string {
	var said struct{ MessageText string }
	if ev.Body != nil {
		if err := json.Unmarshal(ev.Body, &said); err != nil {
			return fmt.Sprintf("%s is no JSON: %v", ev.Body, err)
		}
	}
	return said.MessageText
}

// told is what a person who may read from the event from on is told of the
// whole room, as of an event: the model of every answer. It knows nothing of
// rings, rows and positions.
func (r *room) told(from, asOf chat.Seq) []line {
	lines := linesOf(r.events[:asOf])
	for i, ev := range r.events[:asOf] {
		if !isEffective(ev, chat.KindEdit, chat.KindDelete) {
			continue
		}
		message := &lines[ev.TargetSeq-1]
		if message.Kind != chat.KindMessage || message.Deleted {
			continue
		}
		message.Rev = ev.Seq
		message.Text = lines[i].Text
		message.Deleted = ev.Kind == chat.KindDelete
	}
	for i, ev := range r.events[:asOf] {
		switch {
		case !ev.Void() && ev.TargetSeq != 0 && ev.TargetSeq < from:
			lines[i] = line{Seq: ev.Seq, Cursor: ev.Cursor().String(), Kind: chat.KindHidden, N: ev.N}
		case isEffective(ev, chat.KindEdit):
			message := lines[ev.TargetSeq-1]
			lines[i].Text, lines[i].Rev, lines[i].Deleted = message.Text, message.Rev, message.Deleted
		}
	}
	return lines
}

func isEffective(ev *chat.Event, kinds ...chat.Kind) bool {
	for _, kind := range kinds {
		if ev.Kind == kind && !ev.Void() {
			return true
		}
	}
	return false
}

// span is the events first to last of what is told.
func (r *room) span(from, asOf, first, last chat.Seq) []line {
	lines := []line{}
	for _, l := range r.told(from, asOf) {
		if l.Seq >= max(first, from) && l.Seq <= last {
			lines = append(lines, l)
		}
	}
	return lines
}

// older is where a page of so many messages up to and including last begins.
func (r *room) older(last chat.Seq, messages int) chat.Seq {
	var seqs []chat.Seq
	for _, ev := range r.events[:last] {
		if isEffective(ev, chat.KindMessage) {
			seqs = append(seqs, ev.Seq)
		}
	}
	if len(seqs) <= messages {
		return 1
	}
	return seqs[len(seqs)-messages]
}

// newer is where a page of so many messages from first on ends.
func (r *room) newer(first, asOf chat.Seq, messages int) chat.Seq {
	for _, ev := range r.events[first-1 : asOf] {
		if !isEffective(ev, chat.KindMessage) {
			continue
		}
		if messages == 0 {
			return ev.Seq - 1
		}
		messages--
	}
	return asOf
}

// wantPage is the model's page for somebody who may read from the event from
// on.
func (r *room) wantPage(from, asOf chat.Seq, q history.PageQuery) []line {
	limit := q.Limit
	if limit <= 0 {
		limit = chat.DefaultPage
	}
	upTo := func(last chat.Seq, messages, maxEvents int) []line {
		if last < from {
			return []line{}
		}
		lines := r.span(from, asOf, r.older(last, messages), last)
		return lines[max(0, len(lines)-maxEvents):]
	}
	above := func(seq chat.Seq, messages, maxEvents int) []line {
		first := max(seq+1, from)
		if first > asOf {
			return []line{}
		}
		lines := r.span(from, asOf, first, r.newer(first, asOf, messages))
		return lines[:min(len(lines), maxEvents)]
	}
	switch {
	case q.After > 0:
		return above(q.After, limit, store.MaxPageEvents)
	case q.Around > 0:
		middle := min(max(q.Around, from), asOf)
		half := (limit + 1) / 2
		lines := upTo(middle, half, store.MaxPageEvents/2)
		if limit > half {
			lines = append(lines, above(middle, limit-half, store.MaxPageEvents/2)...)
		}
		return lines
	case q.Before > 0:
		return upTo(min(q.Before-1, asOf), limit, store.MaxPageEvents)
	}
	return upTo(asOf, limit, store.MaxPageEvents)
}

// wantLatest is the model's answer to latest.
func (r *room) wantLatest(from chat.Seq, messages int) []line {
	head := r.head().Seq
	lines := r.span(from, head, r.older(head, messages), head)
	if len(lines) <= chat.MaxResumeEvents {
		return lines
	}
	lines = lines[len(lines)-chat.MaxResumeEvents:]
	for i, l := range lines {
		if l.Kind == chat.KindMessage {
			return lines[i:]
		}
	}
	return lines
}
