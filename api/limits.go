package api

import "github.com/parleychat/parley/chat"

// countChange takes a call that changes something from the person's bucket of
// sends.
func (a *api) countChange(user chat.UserID) error {
	now := a.now()
	return a.cfg.Limits.Of(user, now).Sends.Take(now)
}

// countMove takes a call that joins or leaves from the bucket of joins.
func (a *api) countMove(user chat.UserID) error {
	now := a.now()
	return a.cfg.Limits.Of(user, now).Joins.Take(now)
}

// countSearch takes a search for people from the bucket of searches.
func (a *api) countSearch(user chat.UserID) error {
	now := a.now()
	return a.cfg.Limits.Of(user, now).Searches.Take(now)
}

// countPicture takes a picture that somebody sets from the bucket of pictures.
func (a *api) countPicture(user chat.UserID) error {
	now := a.now()
	return a.cfg.Limits.Of(user, now).Pictures.Take(now)
}

// countRead takes a call that reads from the bucket of reads.
func (a *api) countRead(user chat.UserID) error {
	now := a.now()
	return a.cfg.Limits.Of(user, now).Reads.Take(now)
}
