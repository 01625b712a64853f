package verify

import (
	"fmt"
	"maps"
	"slices"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// compareTables compares what follows from the events.
func (r *storedRoom) compareTables() error {
	r.v.report.Messages += int64(r.n)
	r.inRooms(r.compareRow)
	if err := r.compareMembers(); err != nil {
		return err
	}
	bans, err := r.v.db.Bans(r.room)
	if err != nil {
		return err
	}
	for _, user := range eitherUser(bans, r.bans) {
		stored, expected := bans[user], r.bans[user]
		r.inTable("bans", fmt.Sprintf("user %d", user), func(c *comparison) { compareNumber(c, "seq", stored, expected) })
	}
	counts, err := r.v.db.CountsOf(r.room)
	if err != nil {
		return err
	}
	r.inTable("edits", "rows of the room", func(c *comparison) { compareNumber(c, "", counts.Edits, r.counts.Edits) })
	r.inTable("mentions", "rows of the room", func(c *comparison) { compareNumber(c, "", counts.Mentions, r.counts.Mentions) })
	if err := r.compareNames(); err != nil {
		return err
	}
	return r.err
}

// compareRow compares the room's row.
func (r *storedRoom) compareRow(c *comparison) {
	room := &r.row.Room
	compareNumber(c, "head_seq", room.Head.Seq, r.next)
	compareNumber(c, "head_n", room.Head.N, r.n)
	c.bytes("head_chain", room.Head.Chain[:], r.chain[:])
	compareNumber(c, "members", room.Members, r.present)
	state := "new"
	if r.createCID != "" {
		state = "live"
	}
	c.text("state", r.row.State, state)
	if state == "new" {
		return // the rest is a reservation, of which there is no event
	}
	c.text("kind", string(room.Kind), string(r.kind))
	c.text("name", room.Name, r.name)
	c.text("topic", room.Topic, r.topic)
	c.truth("archived", room.Archived, r.archived)
	compareNumber(c, "created_by", room.CreatedBy, r.createdBy)
	c.text("create_cid", r.row.CreateCID, r.createCID)
	compareNumber(c, "updated_at", room.UpdatedAt, r.updatedAt)
}

func (r *storedRoom) compareMembers() error {
	members, err := r.v.db.Members(r.room)
	if err != nil {
		return err
	}
	for _, user := range eitherUser(members, r.members) {
		stored, isStored := members[user]
		expected, isExpected := r.members[user]
		r.inTable("members", fmt.Sprintf("user %d", user), func(c *comparison) {
			switch {
			case !isStored:
				c.differ("", "no row", fmt.Sprintf("%s since event %d", expected.Role, expected.From))
			case !isExpected:
				c.differ("", fmt.Sprintf("%s since event %d", stored.Role, stored.From), "no row")
			default:
				c.text("role", string(stored.Role), string(expected.Role))
				compareNumber(c, "from_seq", stored.From, expected.From)
				compareNumber(c, "left_seq", stored.Left, expected.Left)
			}
		})
	}
	return r.err
}

// eitherUser lists in order who is in one of two maps.
func eitherUser[V any](a, b map[chat.UserID]V) []chat.UserID {
	users := slices.Sorted(maps.Keys(a))
	users = slices.AppendSeq(users, maps.Keys(b))
	slices.Sort(users)
	return slices.Compact(users)
}

// compareNames compares the names that a room has. A public one has the one
// under which it is shown; beside it stand names for changes that are not yet
// stored.
func (r *storedRoom) compareNames() error {
	names, err := r.v.db.Names(r.room)
	if err != nil {
		return err
	}
	room := &r.row.Room
	own, hasOwn := store.NameKey(room.Name), false
	for _, name := range names {
		r.inTable("room_names", fmt.Sprintf("%q", name.Key), func(c *comparison) {
			switch {
			case name.Key == own && room.Kind == chat.PublicRoom:
				hasOwn = true
			case name.Stored:
				c.differ("name_key", fmt.Sprintf("%q", name.Key), "free: the room is not called so")
			}
		})
	}
	if room.Kind == chat.PublicRoom && !hasOwn {
		r.inTable("room_names", "", func(c *comparison) { c.differ("name_key", "no row", fmt.Sprintf("%q", own)) })
	}
	return r.err
}
