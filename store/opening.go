package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// LoadOpening reads, in one snapshot, all that a node needs to open a room: see
// [chat.Opening]. answersSince is ms UTC. It refuses an unknown room with
// [chat.NotFound]; one whose create event is not stored opens with the state
// of a room without events.
func (s *Store) LoadOpening(ctx context.Context, epoch string, partition int32, room chat.RoomID, answersSince int64) (*chat.Opening, error) {
	o := new(chat.Opening)
	err := s.read(ctx, func(t *tx) (err error) {
		if err := t.state(o, epoch, partition, room); err != nil {
			return err
		}
		if o.Recent, err = t.recent(room, o.Room.Head.Seq); err != nil {
			return err
		}
		if o.Answers, err = t.answersSince(&o.State.Window, room, answersSince); err != nil {
			return err
		}
		o.People, err = t.peopleOf(o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load opening of room %d: %w", room, err)
	}
	return o, nil
}

// LoadState is LoadOpening without Recent, Answers and People: what a recorder
// needs to go on with a room.
func (s *Store) LoadState(ctx context.Context, epoch string, partition int32, room chat.RoomID) (*chat.Opening, error) {
	o := new(chat.Opening)
	err := s.read(ctx, func(t *tx) error {
		return t.state(o, epoch, partition, room)
	})
	if err != nil {
		return nil, fmt.Errorf("load state of room %d: %w", room, err)
	}
	return o, nil
}

// state fills in Watermark, Room and State.
func (t *tx) state(o *chat.Opening, epoch string, partition int32, id chat.RoomID) (err error) {
	if o.Watermark, err = t.watermark(epoch, partition); err != nil {
		return err
	}
	var live bool
	if o.Room, live, err = t.room(id); err != nil {
		return err
	}
	if o.Room.Partition != partition {
		return fmt.Errorf("its records lie in partition %d, not in %d", o.Room.Partition, partition)
	}
	o.State = chat.NewState(id)
	o.State.Head = o.Room.Head
	if err := t.window(o.State); err != nil {
		return err
	}
	if !live {
		return nil
	}
	o.State.Kind, o.State.Name, o.State.Topic = o.Room.Kind, o.Room.Name, o.Room.Topic
	o.State.Archived, o.State.CreatedBy = o.Room.Archived, o.Room.CreatedBy
	if err := t.members(o.State); err != nil {
		return err
	}
	return t.bans(o.State)
}

// window reads the last records of the room, voids included.
func (t *tx) window(state *chat.State) error {
	err := t.each(func(rows *sql.Rows) (bool, error) {
		var e chat.WindowEntry
		var cid sql.NullString
		var target sql.NullInt64
		if err := rows.Scan((*uint64)(&e.Seq), (*string)(&e.Kind), (*int64)(&e.User), &cid, &e.MAC, (*string)(&e.Outcome), &target, (*chainColumn)(&e.Chain), &e.At); err != nil {
			return false, err
		}
		e.CID, e.Target = cid.String, chat.Seq(target.Int64)
		return true, state.Window.Add(e)
	}, qWindow, int64(state.Room), int64(state.Head.Seq)-chat.WindowRecords)
	if err != nil {
		return fmt.Errorf("window: %w", err)
	}
	if held, wanted := state.Window.Len(), min(state.Head.Seq, chat.WindowRecords); chat.Seq(held) != wanted {
		return fmt.Errorf("window: %d of the last %d events below the head %d are stored", held, wanted, state.Head.Seq)
	}
	return nil
}

const qWindow = `SELECT seq, kind, user, cid, mac, outcome, target_seq, chain, at FROM events
	WHERE room = ? AND seq > ? ORDER BY seq`

func (t *tx) members(state *chat.State) error {
	return t.each(func(rows *sql.Rows) (bool, error) {
		var m chat.Member
		err := rows.Scan((*int64)(&m.User), (*string)(&m.Role), (*uint64)(&m.From))
		state.Members[m.User] = m
		return true, err
	}, qMembers, int64(state.Room))
}

const qMembers = `SELECT user, role, from_seq FROM members WHERE room = ? AND left_seq IS NULL`

func (t *tx) bans(state *chat.State) error {
	return t.each(func(rows *sql.Rows) (bool, error) {
		var user chat.UserID
		err := rows.Scan((*int64)(&user))
		state.Bans[user] = struct{}{}
		return true, err
	}, qBans, int64(state.Room))
}

const qBans = `SELECT user FROM bans WHERE room = ?`

// recent reads the last events of the room.
func (t *tx) recent(room chat.RoomID, head chat.Seq) ([]*chat.Event, error) {
	events := make([]*chat.Event, 0, min(int(head), chat.RingEvents))
	err := t.each(func(rows *sql.Rows) (bool, error) {
		ev, err := scanEvent(rows, room)
		events = append(events, ev)
		return true, err
	}, qForwards, int64(room), int64(head)-chat.RingEvents, int64(head), chat.RingEvents)
	return events, err
}

// peopleOf finds who is in the room and who wrote its recent events.
func (t *tx) peopleOf(o *chat.Opening) (people []chat.Person, err error) {
	err = t.each(func(rows *sql.Rows) (bool, error) {
		var p chat.Person
		err := rows.Scan((*int64)(&p.ID), &p.Name, &p.Handle, &p.Email, &p.Picture)
		people = append(people, p)
		return true, err
	}, qMembersPeople, int64(o.Room.ID))
	if err != nil {
		return nil, err
	}
	known := make(map[chat.UserID]bool, len(o.State.Members))
	for user := range o.State.Members {
		known[user] = true
	}
	var others []chat.UserID
	for _, ev := range o.Recent {
		if !known[ev.User] {
			known[ev.User] = true
			others = append(others, ev.User)
		}
	}
	authors, err := t.people(others)
	return append(people, authors...), err
}

const qMembersPeople = `SELECT users.id, users.name, users.handle, users.email, users.picture
	FROM members JOIN users ON users.id = members.user WHERE members.room = ? AND members.left_seq IS NULL`
