package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/parleychat/parley/chat"
)

// NewRoom is a room to be reserved.
type NewRoom struct {
	Kind      chat.RoomKind
	Name      string
	NameKey   string // what must be unique (see [chat.RoomNameKey]); empty: nothing
	Topic     string
	Others    []chat.UserID // who is in from the start beside the creator; of a direct room one
	Partition int32
	CreatedBy chat.UserID
	CID       string // of the create event
	At        int64  // ms UTC
}

// Reservation is a room that may have no event yet.
type Reservation struct {
	Room   chat.Room
	CID    string        // that the create event has, or must have
	Others []chat.UserID // who is in from the start beside the creator; nil when Live
	// Live: the create event is stored.
	Live bool
	// TakenUp: the room was reserved before, by an earlier attempt.
	TakenUp bool
}

// ReserveRoom decides, before the log hears of it, that this room may be
// created: it gets its id and its name, and is in state "new" until the
// recorder stores its create event.
//
// Asking again finds the same room: with the same creator and cid always, and
// with the same creator and name as long as it is new, whatever cid the first
// attempt had. The create event must carry the cid of the answer, so that it
// happens once. A name that another room has, be it new, is refused as
// [chat.Conflict]; a cid that created another room as [chat.CIDConflict].
//
// Two people have one direct room: whoever of them asks, with whatever cid,
// finds it.
func (s *Store) ReserveRoom(ctx context.Context, n NewRoom) (Reservation, error) {
	var r Reservation
	n.NameKey = boundedKey(n.NameKey)
	err := s.write(ctx, func(t *tx) error {
		var found bool
		var err error
		if r, found, err = t.reservedByPair(n); err != nil || found {
			return err
		}
		if r, found, err = t.reservedByCID(n); err != nil || found {
			return err
		}
		if r, found, err = t.reservedByName(n); err != nil || found {
			return err
		}
		r, err = t.reserve(n)
		return err
	})
	if err != nil {
		return Reservation{}, fmt.Errorf("reserve room: %w", err)
	}
	return r, nil
}

// reservedByCID finds what this very creation has made.
func (t *tx) reservedByCID(n NewRoom) (Reservation, bool, error) {
	r, err := scanReservation(t.row(`SELECT `+reservationColumns+` FROM rooms WHERE created_by = ? AND create_cid = ?`, int64(n.CreatedBy), n.CID))
	if errors.Is(err, sql.ErrNoRows) {
		return Reservation{}, false, nil
	}
	if err != nil {
		return Reservation{}, false, err
	}
	// A live room may have been changed since. The two of a direct room are
	// for ever, and of this pair there is none.
	changed := r.Room.Name != n.Name || r.Room.Kind != n.Kind || r.Room.Topic != n.Topic || !slices.Equal(r.Others, n.Others)
	if n.Kind == chat.DirectRoom || !r.Live && changed {
		return Reservation{}, false, chat.Errorf(chat.CIDConflict, "This cid was used before to create another room; a new room needs a new cid.")
	}
	return r, true, nil
}

// reservedByPair finds the direct room of two people.
func (t *tx) reservedByPair(n NewRoom) (Reservation, bool, error) {
	if n.Kind != chat.DirectRoom {
		return Reservation{}, false, nil
	}
	low, high := n.pair()
	r, err := scanReservation(t.row(`SELECT `+reservationColumns+` FROM rooms WHERE id = (SELECT room FROM directs WHERE low_user = ? AND high_user = ?)`, int64(low), int64(high)))
	if errors.Is(err, sql.ErrNoRows) {
		return Reservation{}, false, nil
	}
	return r, err == nil, err
}

// pair is the two people of a direct room.
func (n NewRoom) pair() (low, high chat.UserID) {
	return min(n.CreatedBy, n.Others[0]), max(n.CreatedBy, n.Others[0])
}

// reservedByName finds who has the name. A room that is new belongs to an
// attempt whose end its creator did not see.
func (t *tx) reservedByName(n NewRoom) (Reservation, bool, error) {
	if n.NameKey == "" {
		return Reservation{}, false, nil
	}
	r, err := scanReservation(t.row(`SELECT `+reservationColumns+` FROM rooms WHERE id = (SELECT room FROM room_names WHERE name_key = ?)`, n.NameKey))
	if errors.Is(err, sql.ErrNoRows) {
		return Reservation{}, false, nil
	}
	if err != nil {
		return Reservation{}, false, err
	}
	if r.Live || r.Room.CreatedBy != n.CreatedBy || r.Room.Kind != n.Kind {
		return Reservation{}, false, nameTaken()
	}
	return r, true, nil
}

func (t *tx) reserve(n NewRoom) (Reservation, error) {
	room := chat.Room{
		Kind: n.Kind, Name: n.Name, Topic: n.Topic, Partition: n.Partition, CreatedBy: n.CreatedBy, CreatedAt: n.At, UpdatedAt: n.At,
	}
	id, err := t.insert(`INSERT INTO rooms (kind, state, name, topic, partition_no, created_by, create_cid, head_seq, head_n, head_chain, members, archived, created_at, updated_at)
		VALUES (?, 'new', ?, '', ?, ?, ?, 0, 0, ?, 0, ?, ?, ?)`,
		string(n.Kind), n.Name, n.Partition, int64(n.CreatedBy), n.CID, room.Head.Chain[:], false, n.At, n.At)
	if err != nil {
		return Reservation{}, err
	}
	room.ID = chat.RoomID(id)
	if n.NameKey != "" {
		if _, err := t.exec(`INSERT INTO room_names (name_key, room, user, cid) VALUES (?, ?, ?, ?)`, n.NameKey, id, int64(n.CreatedBy), n.CID); err != nil {
			return Reservation{}, err
		}
	}
	if n.Kind == chat.DirectRoom {
		low, high := n.pair()
		if _, err := t.exec(`INSERT INTO directs (low_user, high_user, room) VALUES (?, ?, ?)`, int64(low), int64(high), id); err != nil {
			return Reservation{}, err
		}
	}
	if err := t.keepDraft(room.ID, roomDraft{Topic: n.Topic, Others: n.Others}); err != nil {
		return Reservation{}, err
	}
	return Reservation{Room: room, CID: n.CID, Others: n.Others}, nil
}

// roomDraft is what the create event of a new room says beside kind and name.
type roomDraft struct {
	Topic  string        `json:"topic,omitempty"`
	Others []chat.UserID `json:"others,omitempty"`
}

// keepDraft keeps what is needed to roll the creation forward.
func (t *tx) keepDraft(room chat.RoomID, d roomDraft) error {
	if d.Topic == "" && len(d.Others) == 0 {
		return nil
	}
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO room_drafts (room, body) VALUES (?, ?)`, int64(room), body)
	return err
}

// NewRooms returns the rooms that are reserved and whose create event is not
// stored, oldest first. After a start, with the recorder at the log's end, each
// is rolled forward by appending its create event again, with the same cid.
func (s *Store) NewRooms(ctx context.Context) (rooms []Reservation, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.each(func(rows *sql.Rows) (bool, error) {
			r, err := scanReservation(rows)
			rooms = append(rooms, r)
			return true, err
		}, qNewRooms)
	})
	if err != nil {
		return nil, fmt.Errorf("new rooms: %w", err)
	}
	slices.SortFunc(rooms, func(a, b Reservation) int { return cmp.Compare(a.Room.ID, b.Room.ID) })
	return rooms, nil
}

const qNewRooms = `SELECT ` + reservationColumns + ` FROM rooms WHERE state = 'new'`

const reservationColumns = roomColumns + `, create_cid, state, (SELECT body FROM room_drafts WHERE room_drafts.room = rooms.id)`

// scanReservation reads a row that was there before.
func scanReservation(row interface{ Scan(...any) error }) (Reservation, error) {
	r := Reservation{TakenUp: true}
	var state string
	var body []byte
	if err := scanRoom(row, &r.Room, &r.CID, &state, &body); err != nil {
		return Reservation{}, err
	}
	r.Live = state == "live"
	if r.Live || body == nil {
		return r, nil
	}
	var draft roomDraft
	if err := json.Unmarshal(body, &draft); err != nil {
		return Reservation{}, fmt.Errorf("draft of room %d: %w", r.Room.ID, err)
	}
	r.Room.Topic, r.Others = draft.Topic, draft.Others
	return r, nil
}

// maxKeyBytes is how long a unique key may be in every database's index.
const maxKeyBytes = 255

// boundedKey stands for a key of any length. Names are short, but some
// characters have long compatibility forms.
func boundedKey(key string) string {
	if len(key) <= maxKeyBytes {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(sum[:])
}
