package api

import (
	"context"
	"net/http"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/rooms"
)

func (a *api) routeMembers() {
	const tag = "Members"
	change := []chat.Code{chat.Invalid, chat.CIDConflict, chat.Forbidden, chat.Busy, chat.Unknown}
	personal(a, operation{
		id: "listMembers", method: http.MethodGet, path: "/api/v1/rooms/{room}/members", tag: tag,
		title: "List a room's members, page by page",
		codes: []chat.Code{chat.Invalid, chat.Forbidden},
	}, a.listMembers)
	personal(a, operation{
		id: "inviteMember", method: http.MethodPost, path: "/api/v1/rooms/{room}/members", tag: tag,
		title: "Bring a person into a room",
		about: "Into a public room and a group members may do it, into a private room its admins and owners.",
		codes: change,
	}, a.inviteMember)
	personal(a, operation{
		id: "setRole", method: http.MethodPatch, path: "/api/v1/rooms/{room}/members/{user}", tag: tag,
		title: "Give a member a role",
		about: "Owners do it. Ownership is handed over by making another member an owner; the last owner stays one.",
		codes: change,
	}, a.setRole)
	personal(a, operation{
		id: "kickMember", method: http.MethodDelete, path: "/api/v1/rooms/{room}/members/{user}", tag: tag,
		title: "Take a person out of a room",
		about: "They may come back, where a ban would keep them out. When it is answered, nothing that happens later in a room that is not public reaches them.",
		codes: change,
	}, a.kick)
	personal(a, operation{
		id: "joinRoom", method: http.MethodPost, path: "/api/v1/rooms/{room}/join", tag: tag,
		title: "Become a member of a public room",
		codes: change,
	}, a.join)
	personal(a, operation{
		id: "leaveRoom", method: http.MethodPost, path: "/api/v1/rooms/{room}/leave", tag: tag,
		title: "Stop being a member of a room",
		codes: change,
	}, a.leave)
	personal(a, operation{
		id: "listBans", method: http.MethodGet, path: "/api/v1/rooms/{room}/bans", tag: tag,
		title: "List who is banned from a room, page by page, for its admins and owners",
		codes: []chat.Code{chat.Invalid, chat.Forbidden},
	}, a.listBans)
	personal(a, operation{
		id: "banPerson", method: http.MethodPut, path: "/api/v1/rooms/{room}/bans/{user}", tag: tag,
		title: "Take a person out of a room and keep them out",
		codes: change,
	}, a.ban)
	personal(a, operation{
		id: "unbanPerson", method: http.MethodDelete, path: "/api/v1/rooms/{room}/bans/{user}", tag: tag,
		title: "Lift a ban",
		codes: change,
	}, a.unban)
}

type listPeopleIn struct {
	RoomPath
	After number `query:"after" doc:"next of the page before"`
	Limit number `query:"limit" doc:"people wanted, 1 to 200, 50 when absent"`
}

// read reads which page of whom is wanted.
func (in *listPeopleIn) read() (room chat.RoomID, after chat.UserID, limit int, err error) {
	if room, err = in.room(); err != nil {
		return 0, 0, 0, err
	}
	id, limit, err := pageOf(in.After, in.Limit)
	return room, chat.UserID(id), limit, err
}

// listMembers is a page of a room's members.
func (a *api) listMembers(ctx context.Context, who auth.Identity, in *listPeopleIn) (*said[protocol.MemberPage], error) {
	room, after, limit, err := in.read()
	if err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	members, more, err := a.cfg.Rooms.Members(ctx, who.User.ID, room, after, limit)
	if err != nil {
		return nil, err
	}
	answer := protocol.MemberPage{Members: make([]protocol.MemberInfo, 0, len(members))}
	if more {
		answer.Next = nextAfter(members[len(members)-1].ID)
	}
	for _, m := range members {
		answer.Members = append(answer.Members, a.memberInfo(m))
	}
	return say(answer), nil
}

func (a *api) memberInfo(m rooms.Member) protocol.MemberInfo {
	status := a.cfg.Status(m.ID)
	info := protocol.MemberInfo{PersonInfo: person(m.Person), Role: string(m.Role), From: uint64(m.From), Status: string(status)}
	if status == chat.StatusOffline {
		info.LastSeen = m.Seen
	}
	return info
}

// listBans is a page of who is banned from a room.
func (a *api) listBans(ctx context.Context, who auth.Identity, in *listPeopleIn) (*said[protocol.BanPage], error) {
	room, after, limit, err := in.read()
	if err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	banned, more, err := a.cfg.Rooms.Bans(ctx, who.User.ID, room, after, limit)
	if err != nil {
		return nil, err
	}
	answer := protocol.BanPage{People: make([]protocol.PersonInfo, 0, len(banned))}
	if more {
		answer.Next = nextAfter(banned[len(banned)-1].ID)
	}
	for _, p := range banned {
		answer.People = append(answer.People, person(p))
	}
	return say(answer), nil
}

type inviteMemberIn struct {
	RoomPath
	Idempotency
	Body protocol.InviteMember
}

func (a *api) inviteMember(ctx context.Context, who auth.Identity, in *inviteMemberIn) (*said[protocol.Changed], error) {
	cid, err := in.cid(in.Body.CID)
	if err != nil {
		return nil, err
	}
	rec := chat.Record{Kind: chat.KindInvite, User: who.User.ID, CID: cid, TargetUser: chat.UserID(in.Body.UserID)}
	return a.changeOf(ctx, in.RoomPath, rec, in.Body.Retry)
}

type setRoleIn struct {
	MemberPath
	Idempotency
	Body protocol.SetRole
}

func (a *api) setRole(ctx context.Context, who auth.Identity, in *setRoleIn) (*said[protocol.Changed], error) {
	target, err := in.person()
	if err != nil {
		return nil, err
	}
	cid, err := in.cid(in.Body.CID)
	if err != nil {
		return nil, err
	}
	rec := chat.Record{Kind: chat.KindRole, User: who.User.ID, CID: cid, TargetUser: target, Role: chat.Role(in.Body.Role)}
	return a.changeOf(ctx, in.RoomPath, rec, in.Body.Retry)
}

// memberIn is a change of a member that says nothing but who. Such calls have
// no body: their cid is in the header.
type memberIn struct {
	MemberPath
	Idempotency
	Retry bool `query:"retry" doc:"an earlier attempt with this cid may be under way"`
}

func (a *api) changeMember(ctx context.Context, who auth.Identity, in *memberIn, kind chat.Kind) (*said[protocol.Changed], error) {
	target, err := in.person()
	if err != nil {
		return nil, err
	}
	rec := chat.Record{Kind: kind, User: who.User.ID, CID: in.key(), TargetUser: target}
	return a.changeOf(ctx, in.RoomPath, rec, in.Retry)
}

func (a *api) kick(ctx context.Context, who auth.Identity, in *memberIn) (*said[protocol.Changed], error) {
	return a.changeMember(ctx, who, in, chat.KindKick)
}

func (a *api) ban(ctx context.Context, who auth.Identity, in *memberIn) (*said[protocol.Changed], error) {
	return a.changeMember(ctx, who, in, chat.KindBan)
}

func (a *api) unban(ctx context.Context, who auth.Identity, in *memberIn) (*said[protocol.Changed], error) {
	return a.changeMember(ctx, who, in, chat.KindUnban)
}

// ownIn is a change of one's own place in a room.
type ownIn struct {
	RoomPath
	Idempotency
	Retry bool `query:"retry" doc:"an earlier attempt with this cid may be under way"`
}

func (a *api) join(ctx context.Context, who auth.Identity, in *ownIn) (*said[protocol.Changed], error) {
	return a.changeOf(ctx, in.RoomPath, chat.Record{Kind: chat.KindJoin, User: who.User.ID, CID: in.key()}, in.Retry)
}

func (a *api) leave(ctx context.Context, who auth.Identity, in *ownIn) (*said[protocol.Changed], error) {
	return a.changeOf(ctx, in.RoomPath, chat.Record{Kind: chat.KindLeave, User: who.User.ID, CID: in.key()}, in.Retry)
}
