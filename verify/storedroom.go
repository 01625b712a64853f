package verify

import (
	"fmt"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

// Bounds on what is read of a room at once.
const (
	eventsAtOnce = 500
	bytesAtOnce  = 4 << 20
)

// storedRoom counts through the events of a room and compares everything that
// follows from them. It returns the state in which the room was below its first
// record in the log, nil when the log has none that could be applied to it.
func (v *verification) storedRoom(row *store.RoomRow) (*chat.State, error) {
	v.report.Rooms++
	r := &storedRoom{
		comparison: comparison{v: v, room: row.Room.ID, table: "events"},
		row:        row,
		members:    make(map[chat.UserID]store.MemberRow),
		bans:       make(map[chat.UserID]chat.Seq),
		updatedAt:  row.Room.CreatedAt,
	}
	if err := r.findBase(); err != nil {
		return nil, err
	}
	r.mark()
	for {
		events, err := v.db.Events(r.room, r.next, eventsAtOnce, bytesAtOnce)
		if err != nil {
			return nil, err
		}
		if len(events) == 0 {
			break
		}
		mentions, err := v.db.Mentions(r.room, events[0].Seq, events[len(events)-1].Seq)
		if err != nil {
			return nil, err
		}
		for _, ev := range events {
			if err := r.take(ev, mentions[ev.Seq]); err != nil {
				return nil, err
			}
		}
	}
	return r.state, r.compareTables()
}

// storedRoom is a room as its stored events make it, up to and including the
// event next.
type storedRoom struct {
	comparison
	row *store.RoomRow

	next      chat.Seq // the last event counted
	n         uint64
	chain     chat.Chain
	kind      chat.RoomKind
	name      string
	topic     string
	archived  bool
	createdBy chat.UserID
	createCID string
	members   map[chat.UserID]store.MemberRow
	bans      map[chat.UserID]chat.Seq
	present   int
	updatedAt int64
	counts    store.RoomCounts

	// base is the last event below the room's records in the log. Its state is
	// kept, with the events of the window before it.
	hasBase bool
	base    chat.Seq
	window  chat.Window
	state   *chat.State
}

// findBase says where the log takes up.
func (r *storedRoom) findBase() error {
	recorded := r.v.records[r.room]
	if recorded == nil {
		return nil
	}
	recorded.known = true
	head, err := r.lastEvent(recorded)
	if err != nil {
		return err
	}
	if recorded.partition != r.row.Room.Partition {
		r.inRooms(func(c *comparison) {
			compareNumber(c, "partition_no", r.row.Room.Partition, recorded.partition)
		})
	}
	if recorded.count > int64(head) {
		r.inRooms(func(c *comparison) {
			c.offset = &recorded.first
			c.differ("head_seq", fmt.Sprint(head), fmt.Sprintf("at least %d, the number of the room's records in the log", recorded.count))
		})
		return r.err
	}
	r.hasBase, r.base = true, head-chat.Seq(recorded.count)
	return r.err
}

// lastEvent is the seq of the last stored event. Should the room's head say
// something else than its rows, the one is right with which the log's first
// record is the event that has its cid.
func (r *storedRoom) lastEvent(recorded *recorded) (chat.Seq, error) {
	head := r.row.Room.Head.Seq
	last, err := r.v.db.LastSeq(r.room)
	if err != nil || last == head {
		return head, err
	}
	first, err := r.v.db.SeqOf(r.room, recorded.user, recorded.cid)
	if err != nil {
		return 0, err
	}
	for _, candidate := range []chat.Seq{head, last} {
		if candidate+1 == first+chat.Seq(recorded.count) {
			return candidate, nil
		}
	}
	return max(head, last), nil
}

// inRooms compares columns of the room's own row.
func (r *storedRoom) inRooms(compare func(*comparison)) {
	r.inTable("rooms", "", compare)
}

func (r *storedRoom) inTable(table, key string, compare func(*comparison)) {
	c := r.comparison
	c.table, c.seq, c.key = table, 0, key
	compare(&c)
	r.err = c.err
}

// take counts an event.
func (r *storedRoom) take(ev *store.EventRow, mentions []chat.UserID) error {
	r.v.report.Events++
	if ev.Void() {
		r.v.report.Voids++
	}
	r.seq = ev.Seq
	if missing := r.next + 1; ev.Seq != missing {
		r.differ("", "no row", fmt.Sprintf("events %d to %d", missing, ev.Seq-1))
		if len(ev.Chain) == len(r.chain) {
			copy(r.chain[:], ev.Chain) // nothing can be said of it
			r.n = ev.N
		}
	} else {
		r.compareNumbers(ev)
	}
	r.next = ev.Seq
	r.updatedAt = max(r.updatedAt, ev.At)
	if err := r.compareContent(ev, mentions); err != nil {
		return err
	}
	if r.hasBase && ev.Seq <= r.base && ev.Seq+chat.WindowRecords > r.base {
		entry := chat.EntryOf(&ev.Event)
		entry.Chain = r.chain
		if err := r.window.Add(entry); err != nil {
			r.hasBase = false // a hole, which is told
		}
	}
	r.mark()
	return r.err
}

// mark keeps the state if this is where the log takes up.
func (r *storedRoom) mark() {
	if !r.hasBase || r.next != r.base || r.state != nil {
		return
	}
	state := chat.NewState(r.room)
	state.Kind, state.Name, state.Topic, state.Archived, state.CreatedBy = r.kind, r.name, r.topic, r.archived, r.createdBy
	for user, m := range r.members {
		if m.Left == 0 {
			state.Members[user] = chat.Member{User: user, Role: m.Role, From: m.From}
		}
	}
	for user := range r.bans {
		state.Bans[user] = struct{}{}
	}
	state.Head = chat.Head{Seq: r.next, N: r.n, Chain: r.chain}
	state.Window = r.window
	r.state = state
}

// apply makes an event true: who is in the room, and what it is.
func (r *storedRoom) apply(ev *store.EventRow, b *body) {
	switch ev.Kind {
	case chat.KindCreate:
		r.kind, r.name, r.topic, r.createdBy, r.createCID = b.RoomKind, b.Name, b.Topic, ev.User, ev.CID
		for _, m := range b.Members {
			r.enter(m.User, m.Role, ev.Seq)
		}
	case chat.KindJoin:
		r.enter(ev.User, chat.RoleMember, ev.Seq)
	case chat.KindInvite:
		r.enter(ev.TargetUser, chat.RoleMember, ev.Seq)
	case chat.KindLeave:
		r.leave(ev.User, ev.Seq)
	case chat.KindKick:
		r.leave(ev.TargetUser, ev.Seq)
	case chat.KindBan:
		r.leave(ev.TargetUser, ev.Seq)
		r.bans[ev.TargetUser] = ev.Seq
	case chat.KindUnban:
		delete(r.bans, ev.TargetUser)
	case chat.KindRole:
		if m, found := r.members[ev.TargetUser]; found {
			m.Role = b.Role
			r.members[ev.TargetUser] = m
		}
	case chat.KindRename:
		r.name = b.Name
	case chat.KindTopic:
		r.topic = b.Topic
	case chat.KindVisibility:
		r.kind = b.RoomKind
	case chat.KindArchive:
		r.archived = true
	case chat.KindUnarchive:
		r.archived = false
	}
}

func (r *storedRoom) enter(user chat.UserID, role chat.Role, seq chat.Seq) {
	if m, found := r.members[user]; !found || m.Left != 0 {
		r.present++
	}
	r.members[user] = store.MemberRow{Role: role, From: seq}
}

func (r *storedRoom) leave(user chat.UserID, seq chat.Seq) {
	if m, found := r.members[user]; found && m.Left == 0 {
		m.Left = seq
		r.members[user] = m
		r.present--
	}
}
