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
	Version uint64 // 0: never changed
}

// DefaultRoomSettings are those of a room about which a person has said nothing.
var DefaultRoomSettings = RoomSettings{Notify: NotifyAll}

// RoomSettingsChange is what a person wants to be different; nil stays.
type RoomSettingsChange struct {
	Starred *bool
	Muted   *bool
	Notify  *NotifyLevel
}

// Validate refuses with [Invalid] a change of nothing, and an unknown level.
func (c RoomSettingsChange) Validate() error {
	if c.Starred == nil && c.Muted == nil && c.Notify == nil {
		return Errorf(Invalid, "Say what to change: starred, muted or notify.")
	}
	if c.Notify != nil && !c.Notify.Valid() {
		return Errorf(Invalid, "notify is all, mentions or none.")
	}
	return nil
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
	return s
}
