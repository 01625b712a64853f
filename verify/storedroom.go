package verify

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

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

// compareNumbers compares what follows from the event before: n, id and chain.
func (r *storedRoom) compareNumbers(ev *store.EventRow) {
	if ev.Kind == chat.KindMessage && !ev.Void() {
		r.n++
	}
	compareNumber(&r.comparison, "n", ev.N, r.n)
	id := ev.ID
	if !ev.Void() {
		id = chat.PublicID(r.room, ev.User, ev.CID)
		r.text("id", ev.ID, id)
	}
	r.chain = r.chain.Next(id)
	r.bytes("chain", ev.Chain, r.chain[:])
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

// body is what a stored body says.
type body struct {
	Kind       chat.Kind     `json:"kind"`
	Room       chat.RoomID   `json:"roomId"`
	User       chat.UserID   `json:"userId"`
	CID        string        `json:"cid"`
	ID         string        `json:"id"`
	MAC        string        `json:"mac"`
	At         int64         `json:"at"`
	Text       string        `json:"messageText"`
	ReplyTo    string        `json:"replyTo"`
	Mentions   []chat.UserID `json:"mentions"`
	TargetSeq  chat.Seq      `json:"targetSeq"`
	TargetUser chat.UserID   `json:"targetUser"`
	Name       string        `json:"name"`
	Topic      string        `json:"topic"`
	RoomKind   chat.RoomKind `json:"roomKind"`
	Role       chat.Role     `json:"role"`
	Emoji      string        `json:"emoji"`
	Members    []chat.Member `json:"members"`

	isRead bool
}

// read decodes a body; what is no body is told.
func (r *storedRoom) read(column string, raw []byte) (b body) {
	if err := json.Unmarshal(raw, &b); err != nil {
		r.differ(column, fmt.Sprintf("%.80q", raw), "a JSON object: "+err.Error())
		return b
	}
	b.isRead = true
	return b
}

// record is what the sender asked for, for its mac.
func (b *body) record() *chat.Record {
	return &chat.Record{
		Kind: b.Kind, Room: b.Room, User: b.User, CID: b.CID, Text: b.Text, ReplyTo: b.ReplyTo,
		TargetSeq: b.TargetSeq, TargetUser: b.TargetUser, Name: b.Name, Topic: b.Topic,
		RoomKind: b.RoomKind, Role: b.Role, Emoji: b.Emoji, Members: b.Members,
	}
}

// compareMAC holds what was said against what the sender's request was given.
func (r *storedRoom) compareMAC(column, mac string, b *body) {
	if mac == "" || r.v.macKey == nil || !b.isRead {
		return
	}
	r.v.report.Texts++
	if signed := chat.Sign(r.v.macKey, b.record()); signed != mac {
		r.differ(column, "what gives the mac "+signed, "what gives the mac "+mac+", as when it was sent")
	}
}

// compareContent compares the columns of an event with its body, and what
// follows from it.
func (r *storedRoom) compareContent(ev *store.EventRow, mentions []chat.UserID) error {
	r.compareCID(ev)
	if ev.Void() {
		r.json("body", ev.Body, nil)
		return r.compareMentions(nil, mentions)
	}
	b := r.read("body", ev.Body)
	if !b.isRead {
		return nil
	}
	r.text("kind", string(ev.Kind), string(b.Kind))
	compareNumber(&r.comparison, "user", ev.User, b.User)
	r.text("cid", ev.CID, b.CID)
	r.text("id", ev.ID, b.ID)
	compareNumber(&r.comparison, "at", ev.At, b.At)
	compareNumber(&r.comparison, "target_seq", ev.TargetSeq, b.TargetSeq)
	compareNumber(&r.comparison, "target_user", ev.TargetUser, b.TargetUser)
	if b.Room != r.room {
		r.differ("body", fmt.Sprintf("roomId %d", b.Room), fmt.Sprintf("roomId %d", r.room))
	}
	if !ev.Deleted {
		r.text("mac", ev.MAC, b.MAC)
	}
	switch ev.Kind {
	case chat.KindMessage:
		return r.takeMessage(ev, &b, mentions)
	case chat.KindEdit, chat.KindDelete:
		compareNumber(&r.comparison, "rev", ev.Rev, ev.Seq)
		r.truth("deleted", ev.Deleted, false)
		if err := r.takeChange(ev); err != nil {
			return err
		}
	default:
		compareNumber(&r.comparison, "rev", ev.Rev, 0)
		r.truth("deleted", ev.Deleted, false)
	}
	if ev.Kind != chat.KindEdit { // its text is in the message
		r.compareMAC("body", ev.MAC, &b)
	}
	r.apply(ev, &b)
	return r.compareMentions(nil, mentions)
}

func (r *storedRoom) compareCID(ev *store.EventRow) {
	ms, isV7 := chat.CIDTime(ev.CID)
	if ev.CIDTime.Valid != isV7 || isV7 && ev.CIDTime.Int64 != ms {
		stored, expected := "NULL", "NULL"
		if ev.CIDTime.Valid {
			stored = fmt.Sprint(ev.CIDTime.Int64)
		}
		if isV7 {
			expected = fmt.Sprint(ms)
		}
		r.differ("cid_ms", stored, expected)
	}
	switch ev.Outcome {
	case chat.VoidCopy, chat.VoidCIDConflict, chat.VoidStale, chat.VoidUndecodable:
		r.text("cid", ev.CID, "")
	case chat.Effective, chat.VoidForbidden, chat.VoidGone, chat.VoidAlready:
		if ev.CID == "" {
			r.differ("cid", "NULL", "the sender's id")
		}
	default:
		r.differ("outcome", fmt.Sprintf("%q", string(ev.Outcome)), "an outcome of Apply")
	}
}

// takeMessage compares a message in all its forms.
func (r *storedRoom) takeMessage(ev *store.EventRow, b *body, mentions []chat.UserID) error {
	if ev.Deleted {
		if b.Text != "" || len(b.Mentions) > 0 || b.MAC != "" {
			r.differ("body", "a text", "none: the message is deleted")
		}
		if err := r.compareRev(ev, chat.KindDelete); err != nil {
			return err
		}
		return r.compareMentions(nil, mentions)
	}
	if err := r.compareMentions(b.Mentions, mentions); err != nil {
		return err
	}
	if ev.Rev == 0 {
		r.compareMAC("body", ev.MAC, b)
		return nil
	}
	if err := r.compareRev(ev, chat.KindEdit); err != nil {
		return err
	}
	return r.compareForms(ev, b)
}

// compareRev checks that a message's last change is one.
func (r *storedRoom) compareRev(ev *store.EventRow, kind chat.Kind) error {
	change, err := r.v.db.Event(r.room, ev.Rev)
	if err != nil {
		return err
	}
	if change == nil || change.Kind != kind || change.Void() || change.TargetSeq != ev.Seq {
		r.differ("rev", fmt.Sprint(ev.Rev), fmt.Sprintf("the seq of a %s of this message", kind))
	}
	return nil
}

// editsAtOnce bounds how many former bodies are read at once.
const editsAtOnce = 64

// compareForms holds each text that a message had against the mac of the event
// that brought it.
func (r *storedRoom) compareForms(ev *store.EventRow, present *body) error {
	mac, edit := ev.MAC, (*store.EventRow)(nil) // what brought the next form
	last := chat.Seq(0)
	for {
		former, err := r.v.db.Edits(r.room, ev.Seq, last, editsAtOnce)
		if err != nil {
			return err
		}
		for i := range former {
			last = former[i].Rev
			r.counts.Edits++
			b := r.read(fmt.Sprintf("body before edit %d", last), former[i].Body)
			r.compareForm(mac, edit, &b)
			if edit, err = r.v.db.Event(r.room, last); err != nil {
				return err
			}
			if edit == nil || edit.Kind != chat.KindEdit || edit.Void() || edit.TargetSeq != ev.Seq {
				r.inTable("edits", fmt.Sprintf("message %d", ev.Seq), func(c *comparison) {
					c.differ("rev", fmt.Sprint(last), "the seq of an edit of this message")
				})
				return r.err
			}
			mac = edit.MAC
		}
		if len(former) < editsAtOnce {
			break
		}
	}
	if last != ev.Rev {
		r.inTable("edits", fmt.Sprintf("message %d", ev.Seq), func(c *comparison) {
			c.differ("rev", fmt.Sprintf("%d as the last", last), fmt.Sprintf("%d, the message's rev", ev.Rev))
		})
		return r.err
	}
	r.compareForm(mac, edit, present)
	return r.err
}

// compareForm compares one form of a message with what brought it: the message
// itself, or an edit.
func (r *storedRoom) compareForm(mac string, edit *store.EventRow, form *body) {
	if edit == nil {
		r.compareMAC("body", mac, form)
		return
	}
	said := r.read("body", edit.Body)
	said.Text = form.Text
	r.compareMAC(fmt.Sprintf("body after edit %d", edit.Seq), mac, &said)
}

// takeChange checks that an edit or a deletion has changed its message.
func (r *storedRoom) takeChange(ev *store.EventRow) error {
	message, err := r.v.db.Event(r.room, ev.TargetSeq)
	if err != nil {
		return err
	}
	switch {
	case message == nil || message.Kind != chat.KindMessage || message.Void():
		r.differ("target_seq", fmt.Sprint(ev.TargetSeq), "a message of this room")
	case ev.Kind == chat.KindDelete && !message.Deleted:
		r.of(message.Seq, func(c *comparison) { c.truth("deleted", false, true) })
	case !message.Deleted && message.Rev < ev.Seq:
		r.of(message.Seq, func(c *comparison) {
			c.differ("rev", fmt.Sprint(message.Rev), fmt.Sprintf("at least %d, its edit", ev.Seq))
		})
	case !message.Deleted:
		former, err := r.v.db.Edits(r.room, message.Seq, ev.Seq-1, 1)
		if err != nil {
			return err
		}
		if len(former) == 0 || former[0].Rev != ev.Seq {
			r.inTable("edits", fmt.Sprintf("message %d", message.Seq), func(c *comparison) {
				c.differ("", "no row", fmt.Sprintf("the body that edit %d replaced", ev.Seq))
			})
		}
	}
	return r.err
}

// of compares another event of the room.
func (r *storedRoom) of(seq chat.Seq, compare func(*comparison)) {
	c := r.comparison
	c.seq = seq
	compare(&c)
	r.err = c.err
}

// compareMentions compares who is mentioned in a message.
func (r *storedRoom) compareMentions(expected, stored []chat.UserID) error {
	r.counts.Mentions += int64(len(stored))
	want := slices.Compact(slices.Sorted(slices.Values(expected)))
	if !slices.Equal(want, stored) {
		seq := r.seq
		r.inTable("mentions", "", func(c *comparison) {
			c.seq = seq
			c.differ("user", fmt.Sprint(stored), fmt.Sprint(want))
		})
	}
	return r.err
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
