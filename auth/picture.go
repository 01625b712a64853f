package auth

import (
	"context"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/picture"
	"github.com/parleychat/parley/store"
)

// drawWait is how long somebody waits for the pictures of others to be made.
const drawWait = time.Second

// SetPicture makes somebody's picture of an image file (see [picture.Make],
// whose refusals are these), one file at a time, so that files which are dear to
// decode cost others nothing but patience: it refuses with [chat.Busy] when
// there is too much to do.
func (s *Service) SetPicture(ctx context.Context, who chat.UserID, file []byte) (User, error) {
	made, err := s.draw(ctx, file)
	if err != nil {
		return User{}, err
	}
	user, err := s.store.SetPicture(ctx, who, store.Picture(made))
	if err != nil {
		return User{}, unavailable(err)
	}
	return user, s.changed(ctx, Change{User: who})
}

// RemovePicture takes somebody's picture away.
func (s *Service) RemovePicture(ctx context.Context, who chat.UserID) (User, error) {
	user, err := s.store.RemovePicture(ctx, who)
	if err != nil {
		return User{}, unavailable(err)
	}
	return user, s.changed(ctx, Change{User: who})
}

// Picture finds a picture that somebody has, or refuses with [chat.NotFound].
// Whoever asks needs no account, so it is counted where they come from, and
// refused with [chat.RateLimited] when that is too often.
func (s *Service) Picture(ctx context.Context, id string, from Client) (store.Picture, error) {
	if err := s.attempts.picture(from.Addr, s.now()); err != nil {
		return store.Picture{}, err
	}
	found, err := s.store.Picture(ctx, id)
	return found, unavailable(err)
}

func (s *Service) draw(ctx context.Context, file []byte) (picture.Picture, error) {
	patience := time.NewTimer(drawWait)
	defer patience.Stop()
	select {
	case s.drawing <- struct{}{}:
		defer func() { <-s.drawing }()
		return picture.Make(file)
	case <-patience.C:
		refusal := chat.Errorf(chat.Busy, "Many pictures are being made. Try again in a moment.")
		refusal.RetryAfter = drawWait
		return picture.Picture{}, refusal
	case <-ctx.Done():
		return picture.Picture{}, ctx.Err()
	}
}
