package fanout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/internal/planted"
)

// maxStale is how often a record that was judged too long ago is judged and
// handed over again.
const maxStale = 3

// Submission is a durable client event on its way to the log.
type Submission struct {
	// Draft holds Kind, Room, User, and what the client gave. A missing CID is
	// made here. After, ID, MAC, At and Mentions are filled in by the hub, and of
	// a change to a message TargetUser, who wrote it.
	Draft chat.Record
	// Retry says that a first copy may be under way somewhere.
	Retry bool
	// From is the socket that sent it, nil for a REST call. Submissions of one
	// socket must come one after another.
	From *Client
	// Done gets the answer, exactly once: of a socket on its shard, behind the
	// event's own frame; otherwise at once, under a lock, and must not block.
	Done func(chat.Answer)
}

// Submit takes a durable event to the log. It returns when the record was
// handed over, or refused; it waits for the store only if the cid is one that
// the room's table does not cover, or the message that it changes one below the
// ring, and for a free slot of the room.
func (h *Hub) Submit(ctx context.Context, s Submission) {
	w := waiter{from: s.From, done: s.Done, since: h.now()}
	rec := &s.Draft
	if rec.CID == "" {
		cid, err := chat.NewCID()
		if err != nil {
			w.tell(chat.Answer{Err: chat.AsError(err)})
			return
		}
		rec.CID = cid
	}
	rec.Version = chat.Version
	rec.ID = chat.PublicID(rec.Room, rec.User, rec.CID)
	rec.MAC = h.signer.Sign(rec)
	w.mac = rec.MAC
	named := chat.NamedHandles(rec.Text)
	early := h.encodeEarly(rec, named)
	err := h.withRoom(ctx, rec.Room, func(r *room) error {
		return r.submit(ctx, rec, named, early, s.Retry, w)
	})
	if err != nil {
		h.refuse(ctx, w, rec.Room, err)
	}
}

// earlyFor is how long a value that was made before the room's lock was taken
// stands: the time of acceptance is in it.
const earlyFor = 10 * time.Millisecond

// encodeEarly makes a record's value while no lock is held. It is nil where only
// the room knows what belongs into it: whom a text names, who wrote the message
// that is changed. What cannot be encoded is refused in its turn.
func (h *Hub) encodeEarly(rec *chat.Record, named []string) []byte {
	if len(named) > 0 || rec.Kind.ChangesMessage() {
		return nil
	}
	rec.At = h.now().UnixMilli()
	value, err := chat.EncodeValue(rec)
	if err != nil {
		return nil
	}
	return value
}

// SubmitWait is Submit for a caller that waits for the answer itself. A ctx
// that ends first makes the outcome unknown.
func (h *Hub) SubmitWait(ctx context.Context, s Submission) chat.Answer {
	answers := make(chan chat.Answer, 1)
	s.Done = func(a chat.Answer) { answers <- a }
	h.Submit(ctx, s)
	select {
	case answer := <-answers:
		return answer
	case <-ctx.Done():
		return unknownAnswer()
	}
}

// refuse answers a submission that was not handed over.
func (h *Hub) refuse(ctx context.Context, w waiter, room chat.RoomID, err error) {
	refusal := chat.AsError(err)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		refusal = chat.Errorf(chat.Unavailable, "The server did not get to this in time. Send the same cid again.")
	}
	if refusal.Code == chat.Internal {
		h.logger.ErrorContext(ctx, "submission failed", "room", room, "error", err)
	}
	w.tell(chat.Answer{Err: refusal})
}

// submit answers a copy, refuses, or hands the record over. The caller holds
// the partition's lock; it is released while waiting, and whatever was judged
// before is judged again. An error has not been told to the waiter yet.
func (r *room) submit(ctx context.Context, rec *chat.Record, named []string, early []byte, retry bool, w waiter) error {
	var asked storeCheck
	var found targetCheck
	var reachedEnd, excluded bool
	for {
		if answered, err := r.answerCopy(rec, w); answered || err != nil {
			return err
		}
		if !r.table.covers(rec.CID) && !asked.vouchesFor(r) {
			if answered, err := r.askStore(ctx, rec, w, &asked); answered || err != nil {
				return err
			}
			continue
		}
		if refusal := r.overload(rec); refusal != nil {
			return refusal
		}
		message, waited, err := r.findTarget(ctx, rec, &found)
		if err != nil {
			return err
		} else if waited {
			continue
		}
		verdict := r.judgeDraft(rec, message)
		switch {
		case verdict.final:
			return verdict.refusal
		case excluded:
		case !reachedEnd && (verdict.refusal != nil || verdict.already):
			// Somebody else may have given the right, or undone what is there
			// already, at another node, and been told so. A first copy may be on
			// its way, too.
			reachedEnd = true
			if err := r.part.reachEnd(ctx); err != nil {
				return err
			}
			continue
		case verdict.refusal != nil && retry:
			if err := r.excludeLateCopy(ctx, rec, verdict.refusal); err != nil {
				return err
			}
			excluded = true
			continue
		case verdict.refusal != nil:
			return verdict.refusal
		case verdict.already:
			w.tell(chat.Answer{Seq: r.state.Head.Seq, Cursor: r.state.Head.Cursor(), At: r.part.hub.now().UnixMilli(), Already: true})
			return nil
		}
		if waited, err := r.takeSlot(ctx); err != nil {
			return err
		} else if waited {
			continue
		}
		rec.Mentions = r.mentioned(rec.User, named)
		return r.handOver(rec, early, w)
	}
}

// answerCopy answers a cid that is in flight here or that the table knows.
func (r *room) answerCopy(rec *chat.Record, w waiter) (answered bool, err error) {
	if send := r.pending.find(rec.User, rec.CID); send != nil {
		send.waiters = append(send.waiters, w)
		return true, nil
	}
	if known, found := r.table.find(rec.User, rec.CID); found && !planted.TableOff {
		w.tell(knownAnswer(known, rec.MAC))
		return true, nil
	}
	return false, nil
}

// knownAnswer is the first answer again, if it is to the same event.
func knownAnswer(first answered, mac string) chat.Answer {
	if first.mac != mac {
		return chat.Answer{Err: chat.VoidCIDConflict.Err()}
	}
	first.answer.Duplicate = first.answer.Err == nil
	return first.answer
}

// storeCheck is what the store said of a cid that it does not have.
type storeCheck struct {
	done bool
	head chat.Seq // the room's stored head in the same snapshot
}

// vouchesFor reports whether the store's word and the table together cover
// every event: the table must not have forgotten anything above the head that
// the store spoke of.
func (c storeCheck) vouchesFor(r *room) bool {
	return c.done && c.head >= r.table.forgotten
}

// askStore asks for a cid that the table does not cover.
func (r *room) askStore(ctx context.Context, rec *chat.Record, w waiter, check *storeCheck) (told bool, err error) {
	r.part.mu.Unlock()
	found, head, err := r.part.hub.store.FindAnswer(ctx, rec.Room, rec.User, rec.CID)
	r.part.mu.Lock()
	switch {
	case err != nil:
		refusal := chat.Errorf(chat.Unavailable, "The database cannot be asked right now whether this was sent before. Send the same cid again.")
		refusal.RetryAfter = time.Second
		return false, fmt.Errorf("find answer: %w (%w)", refusal, err)
	case found != nil:
		// The store can be ahead of this node. An answer comes behind its event.
		if err := r.part.await(ctx, "the room", func() bool { return r.state.Head.Seq >= head }); err != nil {
			return false, err
		}
		w.tell(knownAnswer(answered{mac: found.MAC, answer: found.Answer}, rec.MAC))
		return true, nil
	}
	*check = storeCheck{done: true, head: head}
	return false, nil
}

// verdict is what Apply would say of a draft now.
type verdict struct {
	already bool // there is nothing to do: the room is as the record would make it
	refusal *chat.Error
	// final: no copy of the record that may be under way can take effect
	// either, so there is nothing to exclude before the refusal is told.
	final bool
}

// judgeDraft judges a draft at the applied position.
//
// Three refusals are final. There is no message of that number: it was never
// different, and a record about it was never handed over. It is somebody else's
// and hidden: then the room is a group, where nobody may ever change it. And it
// is deleted: no gateway has vouched for the message behind its deletion, so
// [chat.Apply] finds every copy that is still to come gone, or stale.
func (r *room) judgeDraft(rec *chat.Record, message target) verdict {
	rec.After = r.state.Head.Seq
	if message.missing {
		return verdict{refusal: r.missing(rec), final: true}
	}
	outcome, _ := r.state.Judge(rec)
	switch {
	case outcome == chat.VoidForbidden && message.hidden:
		return verdict{refusal: r.missing(rec), final: true}
	case outcome == chat.VoidForbidden:
		return verdict{refusal: r.forbidden(rec)}
	case outcome == chat.Effective && message.deleted:
		return verdict{refusal: chat.VoidGone.Err(), final: true}
	case outcome == chat.VoidAlready && !r.readableBy(rec.User):
		// It would tell a stranger that the room exists.
		return verdict{refusal: NotReadable(r.state, rec.User)}
	case outcome == chat.VoidAlready:
		return verdict{already: true}
	}
	return verdict{refusal: outcome.Err()}
}

func (r *room) readableBy(user chat.UserID) bool {
	_, readable := r.state.ReadableFrom(user)
	return readable
}

// missing says that there is no such message, but only to those who know the
// room.
func (r *room) missing(rec *chat.Record) *chat.Error {
	if !r.readableBy(rec.User) {
		return NotReadable(r.state, rec.User)
	}
	return noMessage()
}

// forbidden says what somebody who may read the room can do about a refusal.
// To others the room does not exist.
func (r *room) forbidden(rec *chat.Record) *chat.Error {
	if !r.readableBy(rec.User) {
		return NotReadable(r.state, rec.User)
	}
	_, member := r.state.Members[rec.User]
	switch {
	case !member && rec.Kind != chat.KindJoin:
		return chat.Errorf(chat.Forbidden, "Join the room first.")
	case r.state.Archived:
		return chat.Errorf(chat.Forbidden, "The room is archived.")
	case rec.Kind == chat.KindEdit && rec.TargetUser != rec.User:
		return chat.Errorf(chat.Forbidden, "Only its author can edit a message.")
	default:
		return chat.Errorf(chat.Forbidden, "Your role in this room does not allow it.")
	}
}

// overload refuses while this node cannot take more.
func (r *room) overload(rec *chat.Record) *chat.Error {
	hub := r.part.hub
	var refusal *chat.Error
	switch {
	case hub.stuck.Load():
		refusal = chat.Errorf(chat.Unavailable, "The log has not answered for a minute. Send the same cid again.")
	case hub.memory.unstoredBytes() > hub.cfg.UnstoredBytes:
		refusal = chat.Errorf(chat.Busy, "The database is too far behind. Send the same cid again.")
	case r.table.tooManyAhead(rec.User, rec.CID, hub.now()):
		refusal = chat.Errorf(chat.RateLimited, "Too many cids with a time in the future. Set this device's clock.")
	default:
		return nil
	}
	refusal.RetryAfter = time.Second
	return refusal
}

// excludeLateCopy makes sure that a first copy of a retry which is refused, also
// at the log's end, can take no effect: if the person is or was a member, the
// record is appended all the same. Apply makes it void, which keeps its cid, so
// that a first copy that comes after it is void too.
func (r *room) excludeLateCopy(ctx context.Context, rec *chat.Record, refusal *chat.Error) error {
	r.part.mu.Unlock()
	was, err := r.part.hub.store.WasMember(ctx, rec.Room, rec.User)
	r.part.mu.Lock()
	if err != nil {
		refusal := chat.Errorf(chat.Unavailable, "The database cannot be asked right now. Send the same cid again.")
		refusal.RetryAfter = time.Second
		return fmt.Errorf("ask for a former membership: %w (%w)", refusal, err)
	}
	if !was {
		return refusal
	}
	return nil
}

// handOver gives the record to the log, judged at the present head, with the value
// that was made for it early, if there is one. A slot has been taken.
func (r *room) handOver(rec *chat.Record, early []byte, w waiter) error {
	now := r.part.hub.now()
	value := early
	if value == nil || now.UnixMilli()-rec.At > earlyFor.Milliseconds() {
		rec.At = now.UnixMilli()
		made, err := chat.EncodeValue(rec)
		if err != nil {
			return fmt.Errorf("encode record for room %d: %w", r.id, err)
		}
		value = made
	}
	send := &pendingSend{rec: rec, value: value, lane: w.from, waiters: []waiter{w}, since: now}
	return r.appendSend(send)
}

// mentioned are the members, but for the author, whom a text names.
func (r *room) mentioned(author chat.UserID, handles []string) (users []chat.UserID) {
	for _, handle := range handles {
		user, known := chat.WhoIsNamed(handle, r.part.hub.people.withHandle)
		if _, member := r.state.Members[user]; known && member && user != author && !slices.Contains(users, user) {
			users = append(users, user)
		}
	}
	return users
}

// handOverAgain judges a record again that Apply found stale, and appends it
// anew: three times at most, and only while nothing later of its socket in this
// room was handed over. It has no time to ask the store: where the table does
// not know all since the record was judged, the same cid has to be sent again.
func (r *room) handOverAgain(send *pendingSend) {
	inOrder := r.pending.isLast(send)
	r.pending.remove(send)
	send.tries++
	rec := send.rec
	first, found := r.table.find(rec.User, rec.CID)
	known := r.table.covers(rec.CID) || r.table.forgotten <= rec.After
	switch {
	case found:
		r.answerAll(send, knownAnswer(first, rec.MAC))
	case send.gone:
		r.answerAll(send, chat.Answer{Err: chat.VoidGone.Err()})
	case known && inOrder && send.tries <= maxStale && r.appendSend(send) == nil:
	default:
		refusal := chat.Errorf(chat.Busy, "The room moved on faster than this could be written. Send the same cid again.")
		refusal.RetryAfter = 100 * time.Millisecond
		r.answerAll(send, chat.Answer{Err: refusal})
	}
	r.freeSlot()
}

// appendSend queues the record to the log, with the head it was judged at.
func (r *room) appendSend(send *pendingSend) error {
	send.rec.After = r.state.Head.Seq
	record, err := r.part.hub.recordOf(send.rec, send.value)
	if err != nil {
		return fmt.Errorf("encode record for room %d: %w", r.id, err)
	}
	r.pending.add(send)
	r.part.hub.log.Append(r.part.no, record, func(_ eventlog.Position, err error) {
		if err != nil {
			r.appendFailed(send, err)
		}
	})
	return nil
}

// appendFailed tells why the log did not take a record. Only certainly not is
// a refusal; everything else is unknown, and Apply decides if it comes after
// all.
func (r *room) appendFailed(send *pendingSend, err error) {
	p := r.part
	p.mu.Lock()
	defer p.mu.Unlock()
	p.warnOfAppend(r.id, err)
	r.pending.remove(send)
	r.answerAll(send, chat.Answer{Err: appendRefusal(err)})
	r.freeSlot()
}

// warnEvery is how often failed appends are logged: a full disk fails all of
// them, and the log must not make it fuller.
const warnEvery = 5 * time.Second

// warnOfAppend logs a failed append, and how many failed since the last line.
// The caller holds p.mu.
func (p *partition) warnOfAppend(room chat.RoomID, err error) {
	p.failedAppends++
	now := p.hub.now()
	if now.Sub(p.warnedAt) < warnEvery {
		return
	}
	p.hub.logger.Warn("the log did not take a record", "room", room, "partition", p.no, "failed", p.failedAppends, "error", err)
	p.warnedAt, p.failedAppends = now, 0
}

func appendRefusal(err error) *chat.Error {
	var refusal *chat.Error
	switch {
	case !errors.Is(err, eventlog.ErrNotAppended) && !planted.UnknownFailed:
		return unknownAnswer().Err
	case errors.Is(err, eventlog.ErrTooLarge):
		return chat.Errorf(chat.TooLarge, "The event is larger than %d KiB. Make it shorter.", chat.MaxRecordBytes>>10)
	case errors.Is(err, eventlog.ErrBusy):
		refusal = chat.Errorf(chat.Busy, "Too much is waiting to be written. Send the same cid again.")
	case errors.Is(err, eventlog.ErrFull):
		refusal = chat.Errorf(chat.Unavailable, "The server's disk is full. Nothing was lost; send the same cid again later.")
	default:
		refusal = chat.Errorf(chat.Unavailable, "The log cannot be written right now. Send the same cid again.")
	}
	refusal.RetryAfter = time.Second
	return refusal
}

func unknownAnswer() chat.Answer {
	return chat.Answer{Err: chat.Errorf(chat.Unknown, "It is not known yet whether this took effect. Send the same cid again with retry.")}
}

// recordOf makes the log's record. The key is the room, so that readers with
// tools of their own find a room's records together.
func (h *Hub) recordOf(rec *chat.Record, value []byte) (eventlog.Record, error) {
	headers, err := chat.AppendHeaders(make([]eventlog.Header, 0, 8), rec, value)
	if err != nil {
		return eventlog.Record{}, err
	}
	if h.cfg.Node != "" {
		headers = append(headers, eventlog.Header{Key: byHeader, Value: h.node})
	}
	return eventlog.Record{Key: strconv.AppendInt(nil, int64(rec.Room), 10), Value: value, Headers: headers}, nil
}

// byHeader says which node appended a record. Nobody else looks at it.
const byHeader = "by"

// appended reports whether this node appended the record. Two devices of one
// person may send the same cid through two nodes in the same millisecond: then
// the records are alike to the last byte, and only one of the two is new.
func (h *Hub) appended(entry *eventlog.Entry) bool {
	if h.cfg.Node == "" {
		return true
	}
	for i := range entry.Headers {
		if entry.Headers[i].Key == byHeader {
			return string(entry.Headers[i].Value) == h.cfg.Node
		}
	}
	return false
}
