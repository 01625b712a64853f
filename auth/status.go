package auth

import (
	"context"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// SetStatus keeps how somebody wants to be shown, and whether others may see
// when they were last online; nil leaves it as it is, and with both nothing is
// changed. It refuses with [chat.Invalid] what is no status. With an error that
// is [chat.Unknown] the account comes too: it is kept, and other nodes may learn
// of it late.
func (s *Service) SetStatus(ctx context.Context, who chat.UserID, status *chat.Status, hideSeen *bool) (User, error) {
	if status == nil && hideSeen == nil {
		return s.User(ctx, who)
	}
	if status != nil {
		if err := chat.CheckStatus(*status); err != nil {
			return User{}, err
		}
	}
	user, err := s.store.SetStatus(ctx, who, store.StatusChange{Status: status, HidesSeen: hideSeen})
	if err != nil {
		return User{}, unavailable(err)
	}
	return user, s.changed(ctx, Change{User: who})
}
