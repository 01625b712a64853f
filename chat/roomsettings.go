package chat

// NotifyLevel is of what in a room a person wants to be told.
type NotifyLevel string

const (
	NotifyAll      NotifyLevel = "all"      // of every message
	NotifyMentions NotifyLevel = "mentions" // of messages that name them
	NotifyNone     NotifyLevel = "none"
)

// Valid reports whether there is such a level.
func (l NotifyLevel) Valid() bool {
	return l == NotifyAll || l == NotifyMentions || l == NotifyNone
}

// RoomSettings is how one person wants a room to be shown to them. Nobody else
// learns of it. Of two the one with the greater Version is the later.
type RoomSettings struct {
	Starred bool
	Muted   bool // shown as quiet: only what names the person counts
	Notify  NotifyLevel
	Place   int64  // among the starred: less comes first, of equals the smaller id
	Version uint64 // 0: never changed
}

// DefaultRoomSettings are those of a room about which a person has said nothing.
var DefaultRoomSettings = RoomSettings{Notify: NotifyAll}

// RoomSettingsChange is what a person wants to be different; nil stays.
type RoomSettingsChange struct {
	Starred *bool
	Muted   *bool
	Notify  *NotifyLevel
	Place   *int64
}

// FarthestPlace bounds the places of starred rooms, on both sides of 0: what
// every JSON parser reads exactly.
const FarthestPlace = 1<<53 - 1

// placeStep lies between a room that gets a star and the last one before it, so
// that moving one of them between two others changes no other.
const placeStep = 1 << 24

// PlaceBehind is the place of a room that comes behind all others, of which the
// last is at that place.
func PlaceBehind(last int64) int64 { return min(last+placeStep, FarthestPlace) }

// Validate refuses with [Invalid] a change of nothing, an unknown level, and a
// place out of bounds.
func (c RoomSettingsChange) Validate() error {
	if c.Starred == nil && c.Muted == nil && c.Notify == nil && c.Place == nil {
		return Errorf(Invalid, "Say what to change: starred, muted, notify or place.")
	}
	if c.Place != nil && (*c.Place > FarthestPlace || *c.Place < -FarthestPlace) {
		return Errorf(Invalid, "place is a whole number, at most %d away from 0.", int64(FarthestPlace))
	}
	if c.Notify != nil && !c.Notify.Valid() {
		return Errorf(Invalid, "notify is all, mentions or none.")
	}
	return nil
}

// Stars reports whether the change gives a star to a room that has none, and
// does not say where it stands.
func (c RoomSettingsChange) Stars(s RoomSettings) bool {
	return c.Starred != nil && *c.Starred && !s.Starred && c.Place == nil
}

// Apply makes the change.
func (c RoomSettingsChange) Apply(s RoomSettings) RoomSettings {
	if c.Starred != nil {
		s.Starred = *c.Starred
	}
	if c.Muted != nil {
		s.Muted = *c.Muted
	}
	if c.Notify != nil {
		s.Notify = *c.Notify
	}
	if c.Place != nil {
		s.Place = *c.Place
	}
	return s
}
