package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/parleychat/parley/server"
)

// newUser is what an operator can do about people, also while the server runs.
func newUser(p *program) *cobra.Command {
	user := group("user", "Look after people's accounts, also while the server runs.",
		newUserList(p),
		aboutUser(p, "show", "Show one person.", func(line server.UserLine) error {
			return tellUser(p, line, fmt.Sprintf("signed in at %d places", line.Sessions))
		}),
		aboutUser(p, "reset", "Make a link with which somebody sets a new password; good once, for a day.", func(line server.UserLine) error {
			_, err := fmt.Fprintf(p.out, "Give this to %s, behind the server's address. It is good once, until %s:\n%s\n",
				line.Name, time.UnixMilli(line.ExpiresAt).UTC().Format("2006-01-02 15:04 UTC"), line.ResetPath)
			return err
		}),
		aboutUser(p, "disable", "Sign somebody out everywhere and let them in no more.", func(line server.UserLine) error {
			return tellUser(p, line, "signed out everywhere")
		}),
		aboutUser(p, "enable", "Let somebody in again.", func(line server.UserLine) error {
			return tellUser(p, line, "may sign in")
		}),
		aboutUser(p, "role", "Make somebody an owner, admin or member of the server.", func(line server.UserLine) error {
			return tellUser(p, line, "")
		}, "ROLE"),
	)
	user.GroupID = people
	return user
}

// aboutUser is a command about one person, given by id, @handle or e-mail
// address. It lets the server, or the store without one, carry it out, and tells
// how the person is then.
func aboutUser(p *program, name, help string, tell func(server.UserLine) error, more ...string) *cobra.Command {
	var at place
	names := append([]string{"WHO"}, more...)
	cmd := &cobra.Command{Use: name + " " + strings.Join(names, " "), Short: help, Args: arguments(names...),
		RunE: func(cmd *cobra.Command, args []string) error {
			request := server.UserRequest{Who: args[0]}
			if len(args) > 1 {
				request.Role = args[1]
			}
			var line server.UserLine
			if err := at.call(cmd.Context(), p, "user-"+name, request, &line); err != nil {
				return err
			}
			return tell(line)
		}}
	at.register(cmd.Flags())
	return cmd
}

func newUserList(p *program) *cobra.Command {
	return newList(p, "list", "List people.", "user-list", "id\thandle\trole\tsince\te-mail\tname",
		func(line server.UserLine) string {
			return fmt.Sprintf("%d\t@%s\t%s\t%s\t%s\t%s", line.ID, line.Handle, standing(line), day(line.CreatedAt), line.Email, line.Name)
		}, func([]string) any { return struct{}{} })
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

func tellUser(p *program, u server.UserLine, more string) error {
	if more != "" {
		more = "; " + more
	}
	_, err := fmt.Fprintf(p.out, "%d @%s %q %s: %s since %s%s\n", u.ID, u.Handle, u.Name, u.Email, standing(u), day(u.CreatedAt), more)
	return err
}
