package rooms

import "context"

// FinishDepartures is what is done every now and then.
func (s *Service) FinishDepartures(ctx context.Context) error { return s.finishDepartures(ctx) }
