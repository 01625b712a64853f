package fanout

import (
	"context"
	"fmt"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/planted"
)

// openTimeout bounds one loading of a room from the store.
const openTimeout = 10 * time.Second

// maxLoadings is how many rooms a node loads at once. After a start everybody
// wants their room: side by side all of them would be late and none be open,
// in turn the first is open at once.
const maxLoadings = 8

// opening is a loading under way. All who want the room wait for the same one.
type opening struct {
	done chan struct{}
	err  error // set before done is closed
}

// withRoom opens the room if need be and calls fn with it under the
// partition's lock. fn may release the lock by waiting; the room stays open
// until fn has returned.
func (h *Hub) withRoom(ctx context.Context, id chat.RoomID, fn func(*room) error) error {
	if err := h.checkFresh(); err != nil {
		return err
	}
	p, err := h.partitionOf(ctx, id)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	r, err := p.acquire(ctx, id)
	if err != nil {
		return err
	}
	defer func() {
		r.uses--
		r.lastUse = h.now()
	}()
	return fn(r)
}

// acquire returns the open room with its use counted. The caller holds p.mu,
// which is released while the room is loaded.
func (p *partition) acquire(ctx context.Context, id chat.RoomID) (*room, error) {
	if err := p.awaitStart(ctx); err != nil {
		return nil, err
	}
	for {
		if r := p.rooms[id]; r != nil {
			r.uses++
			return r, nil
		}
		o := p.opening[id]
		if o == nil {
			o = &opening{done: make(chan struct{})}
			p.opening[id] = o
			// On a goroutine of its own: whoever asked first may go away, the
			// others still wait.
			go p.open(id, o)
		}
		p.mu.Unlock()
		var err error
		select {
		case <-o.done:
			err = o.err
		case <-ctx.Done():
			err = ctx.Err()
		}
		p.mu.Lock()
		if err != nil {
			return nil, err
		}
	}
}

// open loads a room when its turn comes and, under the lock, applies the kept
// records that the snapshot does not hold. It never waits for the recorder.
func (p *partition) open(id chat.RoomID, o *opening) {
	p.hub.loadings <- struct{}{}
	defer func() { <-p.hub.loadings }()
	p.mu.Lock()
	pin := p.watermark
	if !planted.OpeningUnpinned {
		p.kept.pin(pin)
	}
	p.mu.Unlock()

	ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	since := p.hub.now().Add(-chat.OpeningSpan).UnixMilli()
	loaded, err := p.hub.store.LoadOpening(ctx, p.hub.log.Epoch(), p.no, id, since)

	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.opening, id)
	defer close(o.done)
	defer p.kept.unpin(pin)
	switch {
	case err != nil:
		o.err = openError(id, err)
	case loaded.Watermark < pin:
		o.err = fmt.Errorf("open room %d: watermark %d, was %d: %w", id, loaded.Watermark, pin, ErrStoreWentBack)
		p.hub.fail(o.err)
	default:
		p.hub.people.know(loaded.People...)
		r := newRoom(p, loaded, since)
		for i := range p.kept.records {
			k := &p.kept.records[i]
			if k.room == id && k.entry.Offset >= r.from {
				envelope, _ := chat.Peek(k.entry.Headers) // it has a room
				r.apply(&k.entry, &envelope)
			}
		}
		r.storedUpTo(p.watermark)
		p.rooms[id] = r
		p.ease()
	}
}

// openError keeps refusals; everything else means that the store cannot be
// read now.
func openError(id chat.RoomID, err error) error {
	switch refusal := chat.AsError(err); refusal.Code {
	case chat.NotFound:
		return noRoom()
	case chat.Internal:
	default:
		return refusal
	}
	refusal := chat.Errorf(chat.Unavailable, "The room cannot be opened right now because the database does not answer. Try again in a moment.")
	refusal.RetryAfter = 2 * time.Second
	return fmt.Errorf("open room %d: %w (%w)", id, refusal, err)
}
