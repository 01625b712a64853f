package api

import (
	"context"
	"net/http"
	"time"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
)

func (a *api) routeManagement() {
	const tag = "Managing the server"
	forbidden := []chat.Code{chat.Forbidden}
	personal(a, operation{
		id: "listAccounts", method: http.MethodGet, path: "/api/v1/admin/users", tag: tag,
		title: "List people",
		about: "For owners and admins of the server.",
		codes: []chat.Code{chat.Invalid, chat.Forbidden},
	}, a.listAccounts)
	personal(a, operation{
		id: "changeAccount", method: http.MethodPatch, path: "/api/v1/admin/users/{user}", tag: tag,
		title: "Disable or enable somebody, or give them a role on the server",
		about: "Owners may do this to everybody, admins to everybody but owners. The last owner stays one. Who is disabled is signed out at once.",
		codes: []chat.Code{chat.Forbidden, chat.Conflict},
	}, a.changeAccount)
	personal(a, operation{
		id: "makeResetLink", method: http.MethodPost, path: "/api/v1/admin/users/{user}/reset", tag: tag, status: http.StatusCreated,
		title: "Make a link with which somebody sets a new password",
		about: "Good once, for a day; former links of the person end. Owners may do this for everybody, admins for members.",
		codes: []chat.Code{chat.Forbidden, chat.Conflict},
	}, a.makeResetLink)
	personal(a, operation{
		id: "makeInvite", method: http.MethodPost, path: "/api/v1/admin/invites", tag: tag, status: http.StatusCreated,
		title: "Make an invite to the server",
		codes: []chat.Code{chat.Forbidden, chat.Conflict},
	}, a.makeInvite)
	personal(a, operation{
		id: "listInvites", method: http.MethodGet, path: "/api/v1/admin/invites", tag: tag,
		title: "List the invites that are good now",
		codes: forbidden,
	}, a.listInvites)
	personal(a, operation{
		id: "removeInvite", method: http.MethodDelete, path: "/api/v1/admin/invites/{invite}", tag: tag,
		title: "Take an invite back",
		codes: forbidden,
	}, a.removeInvite)
}

// mayManage lets owners and admins of the server in. What they may do to whom
// is judged again where it is done.
func (a *api) mayManage(who auth.Identity) error {
	if !who.Role.Manages() {
		return chat.Errorf(chat.Forbidden, "Only owners and admins of the server may do this.")
	}
	return nil
}

type accountsIn struct {
	After number `query:"after" doc:"next of the page before"`
	Limit number `query:"limit" doc:"people wanted, 1 to 200, 50 when absent"`
}

// listAccounts lists people, by id.
func (a *api) listAccounts(ctx context.Context, who auth.Identity, in *accountsIn) (*said[protocol.AccountList], error) {
	if err := a.mayManage(who); err != nil {
		return nil, err
	}
	after, limit, err := pageOf(in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	users, err := a.cfg.Auth.Users(ctx, chat.UserID(after), limit+1)
	if err != nil {
		return nil, err
	}
	list := protocol.AccountList{Users: make([]protocol.Account, 0, limit)}
	if len(users) > limit {
		users = users[:limit]
		list.Next = nextAfter(users[limit-1].ID)
	}
	for i := range users {
		list.Users = append(list.Users, account(&users[i]))
	}
	return say(list), nil
}

func account(u *auth.User) protocol.Account {
	return protocol.Account{
		ID: int64(u.ID), Email: u.Email, Name: u.Name, Handle: u.Handle,
		Role: string(u.Role), CreatedAt: u.CreatedAt, DisabledAt: u.DisabledAt,
	}
}

type changeAccountIn struct {
	UserPath
	Body protocol.AccountChange
}

// changeAccount gives somebody a role, then disables or enables them.
func (a *api) changeAccount(ctx context.Context, who auth.Identity, in *changeAccountIn) (*said[protocol.Account], error) {
	if err := a.mayManage(who); err != nil {
		return nil, err
	}
	target, err := in.user()
	if err != nil {
		return nil, err
	}
	if in.Body.Role == nil && in.Body.Disabled == nil {
		return nil, chat.Errorf(chat.Invalid, "Say what to change: role or disabled.")
	}
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	var user auth.User
	if in.Body.Role != nil {
		user, err = a.cfg.Auth.SetRole(ctx, who.User.ID, target, chat.ServerRole(*in.Body.Role))
	}
	if err == nil && in.Body.Disabled != nil {
		shut := a.cfg.Auth.Enable
		if *in.Body.Disabled {
			shut = a.cfg.Auth.Disable
		}
		user, err = shut(ctx, who.User.ID, target)
	}
	if err != nil {
		return nil, err
	}
	return say(account(&user)), nil
}

// makeResetLink makes a link with which somebody sets a new password.
func (a *api) makeResetLink(ctx context.Context, who auth.Identity, in *UserPath) (*said[protocol.ResetLink], error) {
	if err := a.mayManage(who); err != nil {
		return nil, err
	}
	target, err := in.user()
	if err != nil {
		return nil, err
	}
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	link, err := a.cfg.Auth.OfferReset(ctx, who.User.ID, target)
	if err != nil {
		return nil, err
	}
	return say(protocol.ResetLink{
		Token:     link.Token,
		URL:       a.link(requestOf(ctx), resetLink+link.Token),
		ExpiresAt: link.ExpiresAt.UnixMilli(),
	}), nil
}

type inviteIn struct {
	Body protocol.InviteRequest
}

// makeInvite makes an invite to the server.
func (a *api) makeInvite(ctx context.Context, who auth.Identity, in *inviteIn) (*said[protocol.InviteLink], error) {
	if err := a.mayManage(who); err != nil {
		return nil, err
	}
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	seconds := min(max(in.Body.Seconds, -1), int64(2*auth.MaxInviteLife/time.Second)) // as a duration it must not wrap round
	invite, link, err := a.cfg.Auth.OfferInvite(ctx, who.User.ID, in.Body.Uses, time.Duration(seconds)*time.Second)
	if err != nil {
		return nil, err
	}
	return say(protocol.InviteLink{
		Invite: inviteInfo(&invite),
		Token:  link.Token,
		URL:    a.link(requestOf(ctx), inviteLink+link.Token),
	}), nil
}

// listInvites lists the invites that are good now.
func (a *api) listInvites(ctx context.Context, who auth.Identity, _ *nothing) (*said[protocol.InviteList], error) {
	if err := a.mayManage(who); err != nil {
		return nil, err
	}
	if err := a.countRead(who.User.ID); err != nil {
		return nil, err
	}
	invites, err := a.cfg.Auth.Invites(ctx)
	if err != nil {
		return nil, err
	}
	list := protocol.InviteList{Invites: make([]protocol.Invite, 0, len(invites))}
	for i := range invites {
		list.Invites = append(list.Invites, inviteInfo(&invites[i]))
	}
	return say(list), nil
}

func inviteInfo(i *auth.Invite) protocol.Invite {
	return protocol.Invite{
		ID: i.ID, CreatedBy: int64(i.CreatedBy), CreatedAt: i.CreatedAt, ExpiresAt: i.ExpiresAt, UsesLeft: i.UsesLeft,
	}
}

type invitePath struct {
	Invite number `path:"invite" doc:"the invite's id"`
}

// removeInvite takes an invite back.
func (a *api) removeInvite(ctx context.Context, who auth.Identity, in *invitePath) (*nothing, error) {
	if err := a.mayManage(who); err != nil {
		return nil, err
	}
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	id, ok := in.Invite.positive()
	if !ok {
		return nil, chat.Errorf(chat.NotFound, "There is no such invite.")
	}
	return nil, a.cfg.Auth.RemoveInvite(ctx, id)
}
