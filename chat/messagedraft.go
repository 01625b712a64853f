package chat

import (
	"time"
	"unicode/utf8"
)

// MaxDrafts is in how many rooms one person may have begun a message.
const MaxDrafts = 200

// MessageDraft is what a person has begun to write in a room, for their own
// devices alone. Of two of a room the one with the greater Version is the later.
type MessageDraft struct {
	Text    string // empty: none
	Version uint64 // 0: there never was one
	At      int64  // ms UTC, when this was asked for
}

// DraftChange is what a device wants a draft to be.
type DraftChange struct {
	Text string // empty: none
	// Basis is the version that the device knew. An empty text takes away
	// nothing later than that: what another device has written since stays. nil:
	// whatever there is.
	Basis *uint64
	At    int64 // ms UTC
}

// NewDraftChange is what a device asked for at a moment. It refuses as
// [DraftChange.Validate] does, and with [Invalid] an absent text.
func NewDraftChange(text *string, basis *uint64, now time.Time) (DraftChange, error) {
	if text == nil {
		return DraftChange{}, Errorf(Invalid, "Say what has been written: text, which may be empty.")
	}
	change := DraftChange{Text: *text, Basis: basis, At: now.UnixMilli()}
	return change, change.Validate()
}

// Over is the draft that the change makes of one, and whether it is another: a
// version of its own, later than any before. The clock alone does not order
// them, but it keeps the versions of a room rising where the former draft is
// forgotten.
func (c DraftChange) Over(old MessageDraft) (draft MessageDraft, changed bool) {
	if c.Text == old.Text || c.Text == "" && c.Basis != nil && *c.Basis < old.Version {
		return old, false
	}
	return MessageDraft{Text: c.Text, Version: max(old.Version+1, uint64(max(c.At, 0))), At: c.At}, true
}

// Validate refuses, as [Invalid] or [TooLarge], what is longer than a message
// may be or cannot be stored. Anything else may become a message yet, and is
// kept as it was typed.
func (c DraftChange) Validate() error {
	if err := checkEncoding("The draft", c.Text); err != nil {
		return err
	}
	switch {
	case len(c.Text) > MaxMessageBytes:
		return Errorf(TooLarge, "The draft is larger than %d KiB. It stays on this device.", MaxMessageBytes>>10)
	case utf8.RuneCountInString(c.Text) > MaxMessageChars:
		return Errorf(Invalid, "The draft has more than %d characters. It stays on this device.", MaxMessageChars)
	}
	return nil
}
