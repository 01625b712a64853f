package rooms

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/internal/failpoint"
	"github.com/parleychat/parley/store"
)

// Create makes a public room with its creator as the owner. It returns when
// every list shows the room. With the cid of an earlier creation, or the name
// of one of which this person has not seen the end, it gives that room, with
// duplicate set if the room was there before; without a cid it makes one.
//
// It refuses with [chat.Invalid] and [chat.Conflict] about the name, and with
// [chat.CIDConflict]. Once the name is reserved the creation will happen, if
// not now then at the next start: every passing error is [chat.Unknown] from
// there on, and asking again finds the room.
func (s *Service) Create(ctx context.Context, user chat.UserID, name, cid string) (room Room, duplicate bool, err error) {
	name, err = chat.NormalizeRoomName(name)
	if err != nil {
		return Room{}, false, err
	}
	if cid == "" {
		if cid, err = chat.NewCID(); err != nil {
			return Room{}, false, fmt.Errorf("create room: %w", err)
		}
	}
	if err := chat.CheckCID(cid); err != nil {
		return Room{}, false, err
	}
	reserved, err := s.cfg.Store.ReserveRoom(ctx, store.NewRoom{
		Kind:      chat.PublicRoom,
		Name:      name,
		NameKey:   chat.RoomNameKey(name),
		Partition: rand.Int32N(s.cfg.Partitions),
		CreatedBy: user,
		CID:       cid,
		At:        s.cfg.Now().UnixMilli(),
	})
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
			RoomKind: room.Kind,
			Members:  []chat.Member{{User: room.CreatedBy, Role: chat.RoleOwner}},
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

// notYet is the answer about a room whose name is reserved and whose creation
// has not been seen to happen. What kept it from happening is said along with
// it; a refusal that is final stays as it is.
func notYet(err error) error {
	cause := chat.AsError(err)
	if cause.Code.Final() {
		return err
	}
	refusal := chat.Errorf(chat.Unknown, "The room's name is reserved for you, and the room will follow. Ask again with the same cid.")
	refusal.RetryAfter = cause.RetryAfter
	return fmt.Errorf("%w: %w", refusal, err)
}
