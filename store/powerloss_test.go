package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/powerloss"
	"github.com/parleychat/parley/store"
)

// promise has to hold in every image of the moment from on.
type promise struct {
	from int
	what string
	held func(ctx context.Context, s *store.Store) error
}

// TestPowerLoss: whenever the power fails, and whatever a disk makes of writes
// that were not forced, accounts, sessions, reserved rooms, keys and forced
// watermarks are there, and what recorders stored ends at the watermark.
func TestPowerLoss(t *testing.T) {
	dir := t.TempDir()
	disk, stop, err := powerloss.Watch(dir)
	if errors.Is(err, powerloss.ErrPlatform) {
		t.Skipf("SKIPPED: power loss: %v", err)
	}
	check(t, err)
	t.Cleanup(stop)
	var promises []promise
	s := openSQLiteAt(t, filepath.Join(dir, "parley.db"))
	r := newRecorder(t, s)
	ctx := context.Background()
	made := func(what string, held func(context.Context, *store.Store) error) {
		promises = append(promises, promise{disk.Now(), what, held})
	}
	const most = 40
	for i := range most {
		user := newUser(t, s, fmt.Sprintf("p%d@example.org", i))
		made("account", func(ctx context.Context, s *store.Store) error {
			_, err := s.UserByID(ctx, user)
			return err
		})
		sid, first, second := fmt.Sprint("s", i), fmt.Appendf(nil, "first %d", i), fmt.Appendf(nil, "second %d", i)
		check(t, s.CreateSession(ctx, store.NewSession{SID: sid, User: user, PasswordHash: "hash", RefreshHash: first, At: 1, ExpiresAt: 1000}))
		made("session", func(ctx context.Context, s *store.Store) error {
			_, err := s.SessionByID(ctx, sid)
			return err
		})
		room := r.createRoom(fmt.Sprint("room ", i), user)
		made("room", func(ctx context.Context, s *store.Store) error {
			_, err := s.ReserveRoom(ctx, store.NewRoom{Kind: chat.PublicRoom, Name: "another", NameKey: chat.RoomNameKey(fmt.Sprint("room ", i)), CreatedBy: user + 1, CID: "x"})
			if refusal, ok := errors.AsType[*chat.Error](err); !ok || refusal.Code != chat.Conflict {
				return fmt.Errorf("its name is free: %v", err)
			}
			return nil
		})
		for k := range 3 {
			r.must(message(room, user, fmt.Sprintf("text %d", k)))
			r.commit()
		}
		rotation := store.Rotation{Old: first, New: second, At: 2, ExpiresAt: 1000}
		_, err := s.RotateRefresh(ctx, rotation)
		check(t, err)
		made("refresh token", func(ctx context.Context, s *store.Store) error {
			_, err := s.RotateRefresh(ctx, store.Rotation{Old: second, New: fmt.Appendf(nil, "third %d", i), At: 3, ExpiresAt: 1000})
			return err
		})
		switch i % 4 {
		case 1:
			key, err := s.Key(ctx, fmt.Sprint("key ", i), func() []byte { return second })
			check(t, err)
			made("key", func(ctx context.Context, s *store.Store) error {
				got, err := s.Key(ctx, fmt.Sprint("key ", i), func() []byte { return nil })
				if err == nil && !bytes.Equal(got, key) {
					err = fmt.Errorf("it is %q, and was %q", got, key)
				}
				return err
			})
		case 2:
			r.must(message(room, user, "not forced by itself"))
			r.commit()
			next, err := s.ForcedWatermark(ctx, epoch, 0)
			check(t, err)
			made("watermark", func(ctx context.Context, s *store.Store) error {
				got, err := s.Watermark(ctx, epoch, 0)
				if err == nil && got < next {
					err = fmt.Errorf("it is %d, and was %d", got, next)
				}
				return err
			})
		}
	}
	end := r.next
	dice := rand.New(rand.NewPCG(1, 1))
	moments := powerloss.Moments(disk, dice, 20)
	for _, moment := range moments {
		loss := powerloss.AnyLoss(dice)
		image := t.TempDir()
		check(t, disk.Image(moment, loss, dice, image))
		s := openSQLiteAt(t, filepath.Join(image, "parley.db"))
		storedToWatermark(t, s, most, end)
		for _, p := range promises {
			if p.from > moment {
				continue
			}
			if err := p.held(ctx, s); err != nil {
				t.Errorf("%s promised at %d: %v", p.what, p.from, err)
			}
		}
		if t.Failed() {
			t.Fatalf("at moment %d of %d, loss %d", moment, disk.Now(), loss)
		}
		check(t, s.Close())
	}
	t.Logf("%d images of %d moments, %d of them after an fsync", len(moments), disk.Now(), len(disk.Syncs()))
}

// storedToWatermark checks that the events of all rooms are as many as the
// watermark says, and each room's without a hole up to its head.
func storedToWatermark(t *testing.T, s *store.Store, rooms int, end int64) {
	t.Helper()
	ctx := context.Background()
	watermark, err := s.Watermark(ctx, epoch, 0)
	if err != nil && !errors.Is(err, store.ErrNoWatermark) {
		t.Fatal(err)
	}
	stored := int64(0)
	for room := range chat.RoomID(rooms) {
		events, head, err := s.Range(ctx, room+1, 0, 0, 1000, 1<<30)
		if refusal, ok := errors.AsType[*chat.Error](err); ok && refusal.Code == chat.NotFound {
			continue
		}
		check(t, err)
		if len(events) != int(head.Seq) {
			t.Errorf("room %d has head %d and %d events", room+1, head.Seq, len(events))
		}
		stored += int64(len(events))
	}
	if stored != watermark || watermark > end {
		t.Errorf("%d events are stored, the watermark is %d, and %d there were", stored, watermark, end)
	}
}
