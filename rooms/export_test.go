package rooms

import "context"

// What the first room is made of.
const (
	FirstCID   = firstCID
	FirstTopic = firstTopic
)

// FinishDepartures is what is done every now and then.
func (s *Service) FinishDepartures(ctx context.Context) error { return s.finishDepartures(ctx) }
