package asyncapi

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/outline"
)

// event is what the comment behind an event's name says.
type event struct {
	name    string
	payload string // a struct
	array   bool   // of them
	answer  string // a struct; empty: the server sends the event
	codes   []chat.Code
	when    string // of what the server sends
}

var (
	ofClient = regexp.MustCompile(`^(\w+) → (\w+)(?:; ([a-z_ ]+))?$`)
	ofServer = regexp.MustCompile(`^(\[\])?([A-Z]\w*)(?:[:,] (.+))?$`)
)

// eventsOf reads all events of the package, in its order.
func eventsOf(source *outline.Package) ([]event, error) {
	var events []event
	for _, constant := range source.Constants() {
		e, err := readEvent(constant)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", constant.Name, err)
		}
		events = append(events, e)
	}
	return events, nil
}

func readEvent(constant outline.Constant) (event, error) {
	if said := ofClient.FindStringSubmatch(constant.Comment); said != nil {
		e := event{name: constant.Value, payload: said[1], answer: said[2]}
		for code := range strings.FieldsSeq(said[3]) {
			if chat.Code(code).Info().Code != chat.Code(code) {
				return event{}, fmt.Errorf("there is no code %q", code)
			}
			e.codes = append(e.codes, chat.Code(code))
		}
		return e, nil
	}
	if said := ofServer.FindStringSubmatch(constant.Comment); said != nil {
		return event{name: constant.Value, array: said[1] != "", payload: said[2], when: said[3]}, nil
	}
	return event{}, fmt.Errorf("the comment behind it is %q, want Request → Answer; codes, or Payload: when", constant.Comment)
}

// mayBe reports whether the event can be refused with this code.
func (e event) mayBe(code chat.Code) bool {
	return slices.Contains(everywhere, code) || slices.Contains(e.codes, code)
}
