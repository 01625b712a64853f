package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/parleychat/parley/server"
)

// roomCommand is what an operator can do about rooms.
type roomCommand struct {
	List      roomListCommand      `cmd:"" help:"List all rooms."`
	Show      roomShowCommand      `cmd:"" help:"Show one room."`
	Members   roomMembersCommand   `cmd:"" help:"List who is in a room."`
	Archive   roomArchiveCommand   `cmd:"" help:"Close a room for writing, in the name of its owner."`
	Unarchive roomUnarchiveCommand `cmd:"" help:"Open an archived room again, in the name of its owner."`
	Rename    roomRenameCommand    `cmd:"" help:"Give a room another name, in the name of its owner."`
}

// aboutRoom is a command about one room.
type aboutRoom struct {
	place
	Room string `arg:"" help:"Id, or the name of a public room."`
}

// ask lets the server do something about the room, and tells how it is then.
func (a *aboutRoom) ask(ctx context.Context, term *terminal, command, name string) error {
	var line server.RoomLine
	err := a.operate(ctx, term, func(operator *server.Operator) error {
		return operator.Call(ctx, command, server.RoomRequest{Room: a.Room, Name: name}, func(text []byte) error {
			return json.Unmarshal(text, &line)
		})
	})
	if err != nil {
		return err
	}
	return tellRoom(term, line)
}

func tellRoom(term *terminal, line server.RoomLine) error {
	more := ""
	switch {
	case line.Already:
		more = "; it was like that before"
	case line.InTheNameOf != "":
		more = "; done in the name of @" + line.InTheNameOf
	}
	_, err := fmt.Fprintf(term.out, "%d %q: %s, %d members, %d messages, since %s%s\n",
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

type roomListCommand struct {
	place
	JSON bool `help:"Print each room as a line of JSON."`
}

// Run lists rooms.
func (c *roomListCommand) Run(ctx context.Context, term *terminal) error {
	return table(ctx, term, &c.place, "room-list", struct{}{}, c.JSON, "id\tkind\tmembers\tmessages\tsince\tname",
		func(line server.RoomLine) string {
			return fmt.Sprintf("%d\t%s\t%d\t%d\t%s\t%s", line.ID, state(line), line.Members, line.Messages, day(line.CreatedAt), line.Name)
		})
}

type roomMembersCommand struct {
	aboutRoom
	JSON bool `help:"Print each member as a line of JSON."`
}

// Run lists a room's members.
func (c *roomMembersCommand) Run(ctx context.Context, term *terminal) error {
	return table(ctx, term, &c.place, "room-members", server.RoomRequest{Room: c.Room}, c.JSON, "id\thandle\trole\tname",
		func(line server.MemberLine) string {
			return fmt.Sprintf("%d\t@%s\t%s\t%s", line.ID, line.Handle, line.Role, line.Name)
		})
}

type roomShowCommand struct{ aboutRoom }

// Run shows one room.
func (c *roomShowCommand) Run(ctx context.Context, term *terminal) error {
	return c.ask(ctx, term, "room-show", "")
}

type roomArchiveCommand struct{ aboutRoom }

// Run closes a room.
func (c *roomArchiveCommand) Run(ctx context.Context, term *terminal) error {
	return c.ask(ctx, term, "room-archive", "")
}

type roomUnarchiveCommand struct{ aboutRoom }

// Run opens a room again.
func (c *roomUnarchiveCommand) Run(ctx context.Context, term *terminal) error {
	return c.ask(ctx, term, "room-unarchive", "")
}

type roomRenameCommand struct {
	aboutRoom
	Name string `arg:"" help:"The room's new name."`
}

// Run renames a room.
func (c *roomRenameCommand) Run(ctx context.Context, term *terminal) error {
	return c.ask(ctx, term, "room-rename", c.Name)
}
