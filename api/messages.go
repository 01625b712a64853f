package api

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/history"
)

// messages answers one page of a room's history: the latest, or before, after
// or around a seq.
func (a *api) messages(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	room, err := pathRoom(r)
	if err != nil {
		return err
	}
	query, err := pageQuery(r.URL.Query())
	if err != nil {
		return err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return err
	}
	page, err := a.cfg.Reader.Page(r.Context(), who.User.ID, room, query)
	if err != nil {
		return err
	}
	answer, err := a.cfg.Page(r.Context(), page)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// pageQuery reads ?before=&after=&around=&limit=&atLeast=. Of the first three
// at most one; limit is clamped to 1–200.
func pageQuery(values url.Values) (query history.PageQuery, err error) {
	places := 0
	for name, into := range map[string]*chat.Seq{"before": &query.Before, "after": &query.After, "around": &query.Around} {
		if !values.Has(name) {
			continue
		}
		places++
		seq, err := strconv.ParseUint(values.Get(name), 10, 63)
		if err != nil || seq == 0 {
			return query, chat.Errorf(chat.Invalid, "%s is the number of an event, 1 or more.", name)
		}
		*into = chat.Seq(seq)
	}
	if places > 1 {
		return query, chat.Errorf(chat.Invalid, "Give one of before, after and around.")
	}
	query.Limit = chat.DefaultPage
	if values.Has("limit") {
		limit, err := strconv.ParseInt(values.Get("limit"), 10, 64)
		if err != nil {
			return query, chat.Errorf(chat.Invalid, "limit is a number, 1 to %d.", chat.MaxPage)
		}
		query.Limit = int(min(max(limit, 1), chat.MaxPage))
	}
	if values.Has("atLeast") {
		if query.AtLeast, err = chat.ParseCursor(values.Get("atLeast")); err != nil {
			return query, err
		}
	}
	return query, nil
}
