package server

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/parleychat/parley/admin"
	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// UserRequest says who: by id, by @handle or by e-mail address.
type UserRequest struct {
	Who  string `json:"who"`
	Role string `json:"role,omitempty"` // for "user-role"
}

// UserLine is one line of the answers about people.
type UserLine struct {
	ID         int64  `json:"id"`
	Email      string `json:"email,omitempty"`
	Name       string `json:"name"`
	Handle     string `json:"handle"`
	Role       string `json:"role"`
	CreatedAt  int64  `json:"createdAt"` // ms UTC
	DisabledAt int64  `json:"disabledAt,omitempty"`
	DeletedAt  int64  `json:"deletedAt,omitempty"`
	Sessions   int    `json:"sessions,omitempty"` // of "user-show": where they are signed in
	// ResetPath and ExpiresAt are the link that "user-reset" made, behind the
	// server's address.
	ResetPath string `json:"resetPath,omitempty"`
	ExpiresAt int64  `json:"expiresAt,omitempty"` // ms UTC
}

// resetLink is where somebody sets a new password; see setupLink.
const resetLink = "/reset#token="

func userLine(u store.User) UserLine {
	return UserLine{
		ID: int64(u.ID), Email: u.Email, Name: u.Name, Handle: u.Handle, Role: string(u.Role),
		CreatedAt: u.CreatedAt, DisabledAt: u.DisabledAt, DeletedAt: u.DeletedAt,
	}
}

// userCommands are what an operator can do about people. They act as an owner
// whom nobody can remove.
func (d *desk) userCommands() admin.Commands {
	return admin.Commands{
		"user-list":    admin.Typed(d.listUsers),
		"user-show":    admin.Typed(d.aboutUser(d.showUser)),
		"user-reset":   admin.Typed(d.aboutUser(d.resetUser)),
		"user-disable": admin.Typed(d.aboutUser(d.disableUser)),
		"user-enable":  admin.Typed(d.aboutUser(d.enableUser)),
		"user-role":    admin.Typed(d.aboutUser(d.giveRole)),
	}
}

// people is the server's service, so that its sockets hear of what is done;
// without a server one over the store alone, which nobody is connected to.
func (d *desk) people(ctx context.Context) (*auth.Service, error) {
	if d.server != nil {
		return d.server.auth, nil
	}
	return auth.New(ctx, auth.Config{Store: d.store, Key: newKey(), Logger: d.logger})
}

const usersAtOnce = 500

// listUsers tells all people, by id.
func (d *desk) listUsers(ctx context.Context, _ struct{}, answer *admin.Answer) error {
	for after := chat.UserID(0); ; {
		users, err := d.store.ListUsers(ctx, after, usersAtOnce)
		if err != nil {
			return err
		}
		for _, user := range users {
			if err := answer.Tell(userLine(user)); err != nil {
				return err
			}
		}
		if len(users) < usersAtOnce {
			return nil
		}
		after = users[len(users)-1].ID
	}
}

// aboutUser makes a command of what is done about one person.
func (d *desk) aboutUser(run func(context.Context, *auth.Service, store.User, UserRequest) (UserLine, error)) func(context.Context, UserRequest, *admin.Answer) error {
	return func(ctx context.Context, request UserRequest, answer *admin.Answer) error {
		user, err := d.findUser(ctx, request.Who)
		if err != nil {
			return plain(err)
		}
		people, err := d.people(ctx)
		if err != nil {
			return err
		}
		line, err := run(ctx, people, user, request)
		if err != nil {
			return plain(err)
		}
		return answer.Tell(line)
	}
}

// findUser finds whom an operator means.
func (d *desk) findUser(ctx context.Context, who string) (store.User, error) {
	if id, err := strconv.ParseInt(who, 10, 64); err == nil {
		return d.store.UserByID(ctx, chat.UserID(id))
	}
	if !strings.HasPrefix(who, "@") && strings.Contains(who, "@") {
		return d.store.UserByEmail(ctx, strings.TrimSpace(who))
	}
	handle, err := chat.NormalizeHandle(who)
	if err != nil {
		return store.User{}, fmt.Errorf("%q is no id, no @handle and no e-mail address", who)
	}
	return d.store.UserByHandle(ctx, handle)
}

// plain is a refusal as an operator reads it: what it says to people.
func plain(err error) error {
	if refusal, refused := errors.AsType[*chat.Error](err); refused {
		return errors.New(refusal.Message)
	}
	return err
}

func (d *desk) showUser(ctx context.Context, _ *auth.Service, user store.User, _ UserRequest) (UserLine, error) {
	line := userLine(user)
	sessions, err := d.store.SessionsOf(ctx, user.ID, time.Now().UnixMilli())
	line.Sessions = len(sessions)
	return line, err
}

func (d *desk) resetUser(ctx context.Context, people *auth.Service, user store.User, _ UserRequest) (UserLine, error) {
	link, err := people.OfferReset(ctx, auth.Operator, user.ID)
	if err != nil {
		return UserLine{}, err
	}
	line := userLine(user)
	line.ResetPath, line.ExpiresAt = resetLink+link.Token, link.ExpiresAt.UnixMilli()
	return line, nil
}

func (d *desk) disableUser(ctx context.Context, people *auth.Service, user store.User, _ UserRequest) (UserLine, error) {
	user, err := people.Disable(ctx, auth.Operator, user.ID)
	return userLine(user), err
}

func (d *desk) enableUser(ctx context.Context, people *auth.Service, user store.User, _ UserRequest) (UserLine, error) {
	user, err := people.Enable(ctx, auth.Operator, user.ID)
	return userLine(user), err
}

func (d *desk) giveRole(ctx context.Context, people *auth.Service, user store.User, request UserRequest) (UserLine, error) {
	user, err := people.SetRole(ctx, auth.Operator, user.ID, chat.ServerRole(request.Role))
	return userLine(user), err
}
