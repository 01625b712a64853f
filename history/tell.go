package history

import (
	"encoding/json"

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
	case ev.HiddenFrom(a.from):
		return ev.Hidden(), nil
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
		return ev.Retold(form)
	}
	return ev, nil
}

// formOf finds what a message says now. known is false when that has to be read
// of the store first.
func (a *answer) formOf(message chat.Seq) (now *chat.Event, known bool, err error) {
	if i, found := indexOf(a.run, message); found {
		return a.run[i], true, nil
	}
	switch known := a.targets[message]; {
	case known == nil:
	case known.Kind == chat.KindMessage:
		return known, true, nil
	case known.Kind == chat.KindDelete:
		return &chat.Event{Rev: known.Seq, Deleted: true}, true, nil
	case saysSomething(known):
		// An edit that this node saw happen has its text, and says all.
		return &chat.Event{Rev: known.Seq, Body: known.Body}, true, nil
	}
	stored := a.material.messages[message]
	if stored == nil || len(stored.events) == 0 || !a.singles[message] {
		return nil, false, nil
	}
	events, err := a.laidOver(stored)
	if err != nil {
		return nil, false, err
	}
	return events[0], true, nil
}

// saysSomething reports whether an edit has the text that it brought. One that
// was loaded from the store has not.
func saysSomething(edit *chat.Event) bool {
	var said struct {
		MessageText *string `json:"messageText"`
	}
	return json.Unmarshal(edit.Body, &said) == nil && said.MessageText != nil
}
