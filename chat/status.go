package chat

// Status is how a person is shown to others.
type Status string

// A person chooses one of the first three, which others see while the person is
// online.
const (
	StatusOnline       Status = "online"
	StatusAway         Status = "away"
	StatusDoNotDisturb Status = "dnd"
	StatusOffline      Status = "offline" // nobody chooses it: it is who has no socket
)

// CheckStatus refuses, as [Invalid], what nobody can choose.
func CheckStatus(s Status) error {
	switch s {
	case StatusOnline, StatusAway, StatusDoNotDisturb:
		return nil
	}
	return Errorf(Invalid, "A status is %s, %s or %s.", StatusOnline, StatusAway, StatusDoNotDisturb)
}

// StatusChoice is the status that a person has chosen. Rev counts their choices:
// of two, the one with the greater number is the later one. The zero value is
// that of somebody who never chose.
type StatusChoice struct {
	Status Status
	Rev    uint64
}

// Shown is what others see of the choice while the person is online.
func (c StatusChoice) Shown() Status {
	if c.Status == "" {
		return StatusOnline
	}
	return c.Status
}
