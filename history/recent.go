package history

import (
	"context"
	"slices"

	"github.com/parleychat/parley/chat"
)

// maxRecentPages bounds how far Recent goes back for messages among other
// events.
const maxRecentPages = 10

// Recent reads the last messages, newest first, without deleted ones and
// without any other events, as Turbo-Chat's clients know them. There are count
// of them (clamped to 1 to [chat.MaxPage]) unless the room has not so many, or
// thousands of other events lie between. It contains everything that was in
// the log when it was asked for.
func (r *Reader) Recent(ctx context.Context, user chat.UserID, room chat.RoomID, count int) (Page, error) {
	count = min(max(count, 1), chat.MaxPage)
	recent, err := r.Page(ctx, user, room, PageQuery{Limit: count})
	if err != nil {
		return Page{}, err
	}
	page := recent
	recent.Events = appendMessages(nil, page.Events)
	for range maxRecentPages - 1 {
		if len(recent.Events) >= count || !page.MoreBefore {
			break
		}
		page, err = r.Page(ctx, user, room, PageQuery{
			Before: page.Events[0].Seq, Limit: count, AtLeast: recent.Head.Cursor(),
		})
		if err != nil {
			return Page{}, err
		}
		recent.Events = appendMessages(recent.Events, page.Events)
	}
	recent.MoreBefore = page.MoreBefore || len(recent.Events) > count
	recent.Events = recent.Events[:min(count, len(recent.Events))]
	return recent, nil
}

// appendMessages appends the messages of a page that still say something, the
// last one first.
func appendMessages(messages, page []*chat.Event) []*chat.Event {
	for _, ev := range slices.Backward(page) {
		if isMessage(ev) && !ev.Deleted {
			messages = append(messages, ev)
		}
	}
	return messages
}
