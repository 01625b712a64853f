package api

import (
	"context"
	"net/http"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

func (a *api) routeDrafts() {
	const tag, path = "Rooms", "/api/v1/rooms/{room}/draft"
	personal(a, operation{
		id: "getDraft", method: http.MethodGet, path: path, tag: tag,
		title: "What one has begun to write in a room",
		about: "Lists have it, too; of a long draft without its text.",
		codes: []chat.Code{chat.Forbidden},
	}, a.getDraft)
	personal(a, operation{
		id: "setDraft", method: http.MethodPut, path: path, tag: tag,
		title: "Keep what one has begun to write in a room",
		about: "For the person's own devices, which are told; nobody else learns of it. The last one counts, an empty text takes it away. It goes when the person leaves the room.",
		codes: []chat.Code{chat.Forbidden, chat.Conflict, chat.TooLarge},
	}, a.setDraft)
	personal(a, operation{
		id: "removeDraft", method: http.MethodDelete, path: path, tag: tag,
		title: "Take away what one has begun to write in a room",
		about: "With basis, the version that the device knew, only what is no later. The answer is the draft as it is then.",
		codes: []chat.Code{chat.Invalid, chat.Forbidden},
	}, a.removeDraft)
}

// getDraft is what the person has begun to write in a room.
func (a *api) getDraft(ctx context.Context, who auth.Identity, in *RoomPath) (*said[protocol.MessageDraft], error) {
	room, err := in.room()
	if err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	draft, err := a.cfg.Rooms.Draft(ctx, who.User.ID, room)
	if err != nil {
		return nil, err
	}
	return say(a.cfg.Draft(draft)), nil
}

type setDraftIn struct {
	RoomPath
	Body protocol.SetDraftBody
}

// setDraft keeps what the person has begun to write in a room.
func (a *api) setDraft(ctx context.Context, who auth.Identity, in *setDraftIn) (*said[protocol.MessageDraft], error) {
	return a.changeDraft(ctx, who, in.RoomPath, in.Body)
}

type removeDraftIn struct {
	RoomPath
	Basis number `query:"basis" doc:"the version that the device knew; absent: whatever there is"`
}

// removeDraft takes away what the person has begun to write in a room.
func (a *api) removeDraft(ctx context.Context, who auth.Identity, in *removeDraftIn) (*said[protocol.MessageDraft], error) {
	body := protocol.SetDraftBody{Text: new(string)}
	if in.Basis.given() {
		version, ok := in.Basis.positive()
		if !ok {
			return nil, chat.Errorf(chat.Invalid, "basis is the version of a draft.")
		}
		body.Basis = new(uint64(version))
	}
	return a.changeDraft(ctx, who, in.RoomPath, body)
}

func (a *api) changeDraft(ctx context.Context, who auth.Identity, path RoomPath, body protocol.SetDraftBody) (*said[protocol.MessageDraft], error) {
	room, err := path.room()
	if err != nil {
		return nil, err
	}
	now := a.now()
	change, err := chat.NewDraftChange(body.Text, body.Basis, now)
	if err != nil {
		return nil, err
	}
	if err := a.cfg.Limits.Of(who.User.ID, now).Drafts.Take(now); err != nil {
		return nil, err
	}
	draft, err := a.cfg.Rooms.SetDraft(ctx, who.User.ID, room, change, nil)
	if err != nil {
		return nil, err
	}
	return say(a.cfg.Draft(draft)), nil
}
