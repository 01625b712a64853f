package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/parleychat/parley/server"
)

// newRoom is what an operator can do about rooms.
func newRoom(p *program) *cobra.Command {
	room := group("room", "See which rooms there are, and close or rename one.",
		newList(p, "list", "List all rooms.", "room-list", "id\tkind\tmembers\tmessages\tsince\tname",
			func(line server.RoomLine) string {
				return fmt.Sprintf("%d\t%s\t%d\t%d\t%s\t%s", line.ID, state(line), line.Members, line.Messages, day(line.CreatedAt), line.Name)
			}, func([]string) any { return struct{}{} }),
		aboutRoom(p, "show", "Show one room."),
		newList(p, "members", "List who is in a room.", "room-members", "id\thandle\trole\tname",
			func(line server.MemberLine) string {
				return fmt.Sprintf("%d\t@%s\t%s\t%s", line.ID, line.Handle, line.Role, line.Name)
			}, func(args []string) any { return server.RoomRequest{Room: args[0]} }, "ROOM"),
		aboutRoom(p, "archive", "Close a room for writing, in the name of its owner."),
		aboutRoom(p, "unarchive", "Open an archived room again, in the name of its owner."),
		aboutRoom(p, "rename", "Give a room another name, in the name of its owner.", "NAME"),
	)
	room.GroupID = people
	return room
}

// aboutRoom is a command about one room, given by id or, if it is public, by
// name. It lets the server carry it out, and tells how the room is then.
func aboutRoom(p *program, name, help string, more ...string) *cobra.Command {
	var at place
	names := append([]string{"ROOM"}, more...)
	cmd := &cobra.Command{Use: name + " " + strings.Join(names, " "), Short: help, Args: arguments(names...),
		RunE: func(cmd *cobra.Command, args []string) error {
			request := server.RoomRequest{Room: args[0]}
			if len(args) > 1 {
				request.Name = args[1]
			}
			var line server.RoomLine
			if err := at.call(cmd.Context(), p, "room-"+name, request, &line); err != nil {
				return err
			}
			return tellRoom(p, line)
		}}
	at.register(cmd.Flags())
	return cmd
}

func tellRoom(p *program, line server.RoomLine) error {
	more := ""
	switch {
	case line.Already:
		more = "; it was like that before"
	case line.InTheNameOf != "":
		more = "; done in the name of @" + line.InTheNameOf
	}
	_, err := fmt.Fprintf(p.out, "%d %q: %s, %d members, %d messages, since %s%s\n",
		line.ID, line.Name, state(line), line.Members, line.Messages, day(line.CreatedAt), more)
	return err
}

// state is what kind of room it is, and whether it can be written to.
func state(line server.RoomLine) string {
	if line.Archived {
		return line.Kind + ", archived"
	}
	return line.Kind
}
