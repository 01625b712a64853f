package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/parleychat/parley/server"
)

// userCommand is what an operator can do about people, also while the server
// runs.
type userCommand struct {
	List    userListCommand    `cmd:"" help:"List people."`
	Show    userShowCommand    `cmd:"" help:"Show one person."`
	Reset   userResetCommand   `cmd:"" help:"Make a link with which somebody sets a new password; good once, for a day."`
	Disable userDisableCommand `cmd:"" help:"Sign somebody out everywhere and let them in no more."`
	Enable  userEnableCommand  `cmd:"" help:"Let somebody in again."`
	Role    userRoleCommand    `cmd:"" help:"Make somebody an owner, admin or member of the server."`
}

// about is a command about one person.
type about struct {
	place
	Who string `arg:"" help:"Id, @handle or e-mail address."`
}

// ask lets the server, or the store without one, do something about a person.
func (a *about) ask(ctx context.Context, term *terminal, command, role string) (line server.UserLine, err error) {
	err = a.operate(ctx, term, func(operator *server.Operator) error {
		return operator.Call(ctx, command, server.UserRequest{Who: a.Who, Role: role}, func(text []byte) error {
			return json.Unmarshal(text, &line)
		})
	})
	return line, err
}

type userListCommand struct {
	place
	JSON bool `help:"Print each person as a line of JSON."`
}

// Run lists people.
func (c *userListCommand) Run(ctx context.Context, term *terminal) error {
	return table(ctx, term, &c.place, "user-list", struct{}{}, c.JSON, "id\thandle\trole\tsince\te-mail\tname",
		func(line server.UserLine) string {
			return fmt.Sprintf("%d\t@%s\t%s\t%s\t%s\t%s", line.ID, line.Handle, standing(line), day(line.CreatedAt), line.Email, line.Name)
		})
}

// standing is somebody's role, and whether they can use it.
func standing(u server.UserLine) string {
	switch {
	case u.DeletedAt != 0:
		return "deleted"
	case u.DisabledAt != 0:
		return u.Role + ", disabled"
	}
	return u.Role
}

func day(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }

type userShowCommand struct{ about }

// Run shows one person.
func (c *userShowCommand) Run(ctx context.Context, term *terminal) error {
	line, err := c.ask(ctx, term, "user-show", "")
	if err != nil {
		return err
	}
	return tellUser(term, line, fmt.Sprintf("signed in at %d places", line.Sessions))
}

type userResetCommand struct{ about }

// Run prints a reset link.
func (c *userResetCommand) Run(ctx context.Context, term *terminal) error {
	line, err := c.ask(ctx, term, "user-reset", "")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Give this to %s, behind the server's address. It is good once, until %s:\n%s\n",
		line.Name, time.UnixMilli(line.ExpiresAt).UTC().Format("2006-01-02 15:04 UTC"), line.ResetPath)
	return err
}

type userDisableCommand struct{ about }

// Run shuts somebody out.
func (c *userDisableCommand) Run(ctx context.Context, term *terminal) error {
	line, err := c.ask(ctx, term, "user-disable", "")
	if err != nil {
		return err
	}
	return tellUser(term, line, "signed out everywhere")
}

type userEnableCommand struct{ about }

// Run lets somebody in again.
func (c *userEnableCommand) Run(ctx context.Context, term *terminal) error {
	line, err := c.ask(ctx, term, "user-enable", "")
	if err != nil {
		return err
	}
	return tellUser(term, line, "may sign in")
}

type userRoleCommand struct {
	about
	Role string `arg:"" help:"owner, admin or member."`
}

// Run gives somebody a role.
func (c *userRoleCommand) Run(ctx context.Context, term *terminal) error {
	line, err := c.ask(ctx, term, "user-role", c.Role)
	if err != nil {
		return err
	}
	return tellUser(term, line, "")
}

func tellUser(term *terminal, u server.UserLine, more string) error {
	if more != "" {
		more = "; " + more
	}
	_, err := fmt.Fprintf(term.out, "%d @%s %q %s: %s since %s%s\n", u.ID, u.Handle, u.Name, u.Email, standing(u), day(u.CreatedAt), more)
	return err
}
