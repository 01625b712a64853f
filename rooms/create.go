package rooms

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/store"
)

// Draft is a room that somebody wants to make.
type Draft struct {
	Kind   chat.RoomKind // empty: public
	Name   string        // a group may be without one
	Topic  string
	Others []chat.UserID // who is in from the start beside the creator; not for public rooms
	CID    string        // empty: one is made
}

// Create makes a public or private room, with its creator as the owner, or a
// group of equals. It returns when every list shows the room. With the cid of
// an earlier creation, or the name of a public one of which this person has not
// seen the end, it gives that room, with duplicate set if the room was there
// before.
//
// It refuses with [chat.Invalid], with [chat.Conflict] about the name, with
// [chat.NotFound] about the people, and with [chat.CIDConflict]. Once the room
// is reserved the creation will happen, if not now then by [Service.FinishLeft]:
// every passing error is [chat.Unknown] from there on, and asking again with
// the same cid finds the room.
func (s *Service) Create(ctx context.Context, user chat.UserID, d Draft) (room Room, duplicate bool, err error) {
	if err := s.prepare(ctx, user, &d); err != nil {
		return Room{}, false, err
	}
	return s.make(ctx, user, d)
}

// OpenDirect finds the direct room of two people, or makes it; duplicate says
// that it was there before. It returns when both of their lists show it.
func (s *Service) OpenDirect(ctx context.Context, user, other chat.UserID) (room Room, duplicate bool, err error) {
	if user == other {
		return Room{}, false, chat.Errorf(chat.Invalid, "A direct room is for two people.")
	}
	if err := s.checkPeople(ctx, []chat.UserID{other}); err != nil {
		return Room{}, false, err
	}
	cid, err := chat.NewCID()
	if err != nil {
		return Room{}, false, fmt.Errorf("open direct room: %w", err)
	}
	return s.make(ctx, user, Draft{Kind: chat.DirectRoom, Others: []chat.UserID{other}, CID: cid})
}

// make reserves a room that was judged, and announces it.
func (s *Service) make(ctx context.Context, user chat.UserID, d Draft) (room Room, duplicate bool, err error) {
	if err := s.checkCount(ctx, user); err != nil {
		return Room{}, false, err
	}
	draft := store.NewRoom{
		Kind:      d.Kind,
		Name:      d.Name,
		Topic:     d.Topic,
		Others:    d.Others,
		Partition: rand.Int32N(s.cfg.Partitions),
		CreatedBy: user,
		CID:       d.CID,
		At:        s.cfg.Now().UnixMilli(),
	}
	if d.Kind == chat.PublicRoom {
		draft.NameKey = chat.RoomNameKey(d.Name)
	}
	reserved, err := s.cfg.Store.ReserveRoom(ctx, draft)
	if err != nil {
		return Room{}, false, unavailable(fmt.Errorf("create room: %w", err))
	}
	failpoint.Pass(failpoint.RoomReserved)
	if !reserved.Live {
		if err := s.announce(ctx, reserved); err != nil {
			return Room{}, false, err
		}
	}
	room, err = s.ByID(ctx, user, reserved.Room.ID)
	return room, reserved.Live, err
}

// prepare judges a draft and completes it.
func (s *Service) prepare(ctx context.Context, user chat.UserID, d *Draft) (err error) {
	if d.Kind == "" {
		d.Kind = chat.PublicRoom
	}
	if d.Name != "" || d.Kind != chat.GroupRoom {
		if d.Name, err = chat.NormalizeRoomName(d.Name); err != nil {
			return err
		}
	}
	if d.Topic, err = chat.NormalizeTopic(d.Topic); err != nil {
		return err
	}
	if d.CID == "" {
		if d.CID, err = chat.NewCID(); err != nil {
			return fmt.Errorf("create room: %w", err)
		}
	}
	if err := chat.CheckCID(d.CID); err != nil {
		return err
	}
	slices.Sort(d.Others)
	d.Others = slices.DeleteFunc(slices.Compact(d.Others), func(other chat.UserID) bool { return other == user })
	switch people := 1 + len(d.Others); {
	case d.Kind == chat.PublicRoom && people > 1:
		return chat.Errorf(chat.Invalid, "A public room begins with its creator; invite the others, or let them join.")
	case d.Kind == chat.GroupRoom && (people < chat.MinGroupMembers || people > chat.MaxGroupMembers):
		return chat.Errorf(chat.Invalid, "A group has %d to %d people, you included.", chat.MinGroupMembers, chat.MaxGroupMembers)
	case people > maxFirstMembers:
		return chat.Errorf(chat.Invalid, "A room begins with at most %d people; invite the others.", maxFirstMembers)
	case d.Kind != chat.PublicRoom && d.Kind != chat.PrivateRoom && d.Kind != chat.GroupRoom:
		return chat.Errorf(chat.Invalid, "A room is public, private or group; direct rooms are opened, not created.")
	}
	return s.checkPeople(ctx, d.Others)
}

// maxFirstMembers bounds who is in a room from the start, so that the create
// record stays far below [chat.MaxRecordBytes].
const maxFirstMembers = 500

// announce takes the create event of a reserved room to the log and waits
// until it is stored. It does so on its own time: the person may have gone, the
// name is taken in any case.
func (s *Service) announce(ctx context.Context, reserved store.Reservation) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), chat.AckTimeout)
	defer cancel()
	room := reserved.Room
	answer := s.cfg.Hub.SubmitWait(ctx, fanout.Submission{
		Draft: chat.Record{
			Kind:     chat.KindCreate,
			Room:     room.ID,
			User:     room.CreatedBy,
			CID:      reserved.CID,
			Name:     room.Name,
			Topic:    room.Topic,
			RoomKind: room.Kind,
			Members:  firstMembers(reserved),
		},
		Retry: reserved.TakenUp,
	})
	if answer.Err != nil {
		return notYet(answer.Err)
	}
	failpoint.Pass(failpoint.RoomAppended)
	if err := s.cfg.Hub.WaitStored(ctx, room.ID, answer.Seq); err != nil {
		return notYet(fmt.Errorf("wait until room %d is stored: %w", room.ID, err))
	}
	return nil
}

// firstMembers is who is in a room from the start: in public and private rooms
// the creator as the owner, in direct rooms and groups everybody alike.
func firstMembers(reserved store.Reservation) []chat.Member {
	creator := chat.Member{User: reserved.Room.CreatedBy, Role: chat.RoleMember}
	if kind := reserved.Room.Kind; kind == chat.PublicRoom || kind == chat.PrivateRoom {
		creator.Role = chat.RoleOwner
	}
	members := []chat.Member{creator}
	for _, other := range reserved.Others {
		members = append(members, chat.Member{User: other, Role: chat.RoleMember})
	}
	return members
}

// notYet is the answer about a room whose name is reserved and whose creation
// has not been seen to happen. What kept it from happening is said along with
// it; a refusal that is final stays as it is.
func notYet(err error) error {
	cause := chat.AsError(err)
	if cause.Code.Final() {
		return err
	}
	refusal := chat.Errorf(chat.Unknown, "The room is reserved for you and will follow. Ask again with the same cid.")
	refusal.RetryAfter = cause.RetryAfter
	return fmt.Errorf("%w: %w", refusal, err)
}
