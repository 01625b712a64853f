package history

import (
	"container/list"

	"github.com/parleychat/parley/chat"
)

// maxStateBytes is about how much memory a partition's room states may take
// between batches.
const maxStateBytes = 64 << 20

// states holds the room states that a recorder used last, up to a number of
// bytes. It belongs to the recorder's goroutine.
type states struct {
	limit  int
	bytes  int
	rooms  map[chat.RoomID]*list.Element // of *heldState
	recent *list.List                    // the last used in front
}

type heldState struct {
	state *chat.State
	bytes int // as last weighed
}

func newStates(limit int) *states {
	return &states{limit: limit, rooms: make(map[chat.RoomID]*list.Element), recent: list.New()}
}

// get returns the room's state, nil when it is not held.
func (s *states) get(room chat.RoomID) *chat.State {
	element := s.rooms[room]
	if element == nil {
		return nil
	}
	s.recent.MoveToFront(element)
	return element.Value.(*heldState).state
}

func (s *states) put(room chat.RoomID, state *chat.State) {
	s.rooms[room] = s.recent.PushFront(&heldState{state: state})
}

// weigh takes note of what the states of the last used rooms take by now.
func (s *states) weigh(used int) {
	for element := s.recent.Front(); element != nil && used > 0; element = element.Next() {
		held := element.Value.(*heldState)
		s.bytes -= held.bytes
		held.bytes = weight(held.state)
		s.bytes += held.bytes
		used--
	}
}

// shrink gives up the states that were not used for longest. It must only be
// called when all that was applied to them is stored.
func (s *states) shrink() {
	for s.bytes > s.limit && s.recent.Len() > 1 {
		oldest := s.recent.Back()
		held := s.recent.Remove(oldest).(*heldState)
		delete(s.rooms, held.state.Room)
		s.bytes -= held.bytes
	}
}

// weight is about how many bytes a state takes.
func weight(state *chat.State) int {
	const fixed, entry, person = 1024, 96, 96
	return fixed + entry*state.Window.Len() + person*(len(state.Members)+len(state.Bans))
}
