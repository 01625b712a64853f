package history

import (
	"encoding/json"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// tellAll is the events as they are told to this person at this position. Of an
// edit whose message is not known yet it notes what is missing.
func (a *answer) tellAll(events []*chat.Event) ([]*chat.Event, error) {
	told := make([]*chat.Event, 0, len(events))
	for _, ev := range events {
		ev, err := a.tell(ev)
		if err != nil {
			return nil, err
		}
		told = append(told, ev)
	}
	return told, nil
}

func (a *answer) tell(ev *chat.Event) (*chat.Event, error) {
	switch {
	case ev.Void():
		return ev, nil
	case ev.TargetSeq != 0 && ev.TargetSeq < a.from:
		return hidden(ev), nil
	case ev.Kind == chat.KindEdit:
		form, known, err := a.formOf(ev.TargetSeq)
		if err != nil {
			return nil, err
		}
		if !known {
			if a.missing == nil {
				a.missing = make(map[chat.Seq]struct{})
			}
			a.missing[ev.TargetSeq] = struct{}{}
			return ev, nil
		}
		return toldEdit(ev, form)
	}
	return ev, nil
}

// hidden is what a person gets of an event about a message that they may not
// read.
func hidden(ev *chat.Event) *chat.Event {
	return &chat.Event{Room: ev.Room, Seq: ev.Seq, N: ev.N, Chain: ev.Chain, Kind: chat.KindHidden}
}

// form is what a message says at the answer's position.
type form struct {
	rev     chat.Seq // seq of its last change
	deleted bool
	body    []byte // has the text
}

func formOfMessage(ev *chat.Event) form { return form{ev.Rev, ev.Deleted, ev.Body} }

// toldEdit is an edit with what its message says now, and the seq of the last
// change as Rev: the text that it brought may have been changed again, or be
// gone.
func toldEdit(edit *chat.Event, now form) (*chat.Event, error) {
	if now.rev < edit.Seq {
		return edit, nil // it changed nothing: no such message was there
	}
	if now.deleted {
		now.body = []byte("{}")
	}
	bare := *edit
	bare.Rev = 0
	told, err := bare.Edited(&chat.Event{Room: edit.Room, Seq: now.rev, Body: now.body})
	if err != nil {
		return nil, fmt.Errorf("tell edit %d of room %d: %w", edit.Seq, edit.Room, err)
	}
	told.Deleted = now.deleted
	return told, nil
}

// formOf finds what a message says now. known is false when that has to be read
// of the store first.
func (a *answer) formOf(message chat.Seq) (now form, known bool, err error) {
	if i, found := indexOf(a.run, message); found {
		return formOfMessage(a.run[i]), true, nil
	}
	if i, found := indexOf(a.ring, message); found {
		return formOfMessage(a.ring[i]), true, nil
	}
	// An edit that this node saw happen has its text, and says all.
	if change := a.lastChange(message); change != nil {
		switch {
		case change.Kind == chat.KindDelete:
			return form{rev: change.Seq, deleted: true}, true, nil
		case saysSomething(change):
			return form{rev: change.Seq, body: change.Body}, true, nil
		}
	}
	stored := a.material.messages[message]
	if stored == nil || len(stored.events) == 0 {
		return form{}, false, nil
	}
	above, reaches := a.above(stored.head)
	if !reaches {
		return form{}, false, nil
	}
	events, err := laidOver(stored, above)
	if err != nil {
		return form{}, false, err
	}
	return formOfMessage(events[0]), true, nil
}

// saysSomething reports whether an edit has the text that it brought. One that
// was loaded from the store has not.
func saysSomething(edit *chat.Event) bool {
	var said struct {
		MessageText *string `json:"messageText"`
	}
	return json.Unmarshal(edit.Body, &said) == nil && said.MessageText != nil
}

// lastChange finds the last change of a message in the ring. A deletion is
// final.
func (a *answer) lastChange(message chat.Seq) *chat.Event {
	if a.changes == nil {
		a.changes = make(map[chat.Seq]*chat.Event)
		for _, ev := range a.ring {
			if !isChange(ev) {
				continue
			}
			if last := a.changes[ev.TargetSeq]; last == nil || last.Kind != chat.KindDelete {
				a.changes[ev.TargetSeq] = ev
			}
		}
	}
	return a.changes[message]
}
