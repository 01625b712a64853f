package verify_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/store"
	"github.com/parleychat/parley/verify"
)

var quiet = slog.New(slog.DiscardHandler)

// world is a log and a store in a directory, and the rooms as they must be.
type world struct {
	t      *testing.T
	dir    string
	log    *eventlog.SQLite
	store  *store.Store
	macKey []byte
	people []chat.UserID
	states map[chat.RoomID]*chat.State
	events map[chat.RoomID][]*chat.Event
}

func openWorld(t *testing.T, dir string) *world {
	t.Helper()
	return openWorldOn(t, dir, store.Config{Path: filepath.Join(dir, "parley.db"), Logger: quiet})
}

func openWorldOn(t *testing.T, dir string, cfg store.Config) *world {
	t.Helper()
	w := &world{t: t, dir: dir, states: make(map[chat.RoomID]*chat.State), events: make(map[chat.RoomID][]*chat.Event)}
	var err error
	if w.log, err = eventlog.OpenSQLite(filepath.Join(dir, "log.db"), eventlog.SQLiteOptions{}); err != nil {
		t.Fatal(err)
	}
	if w.store, err = store.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	return w
}

func (w *world) close() {
	if w.log == nil {
		return
	}
	if err := w.log.Close(); err != nil {
		w.t.Error(err)
	}
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
	w.log, w.store = nil, nil
}

// populate makes people with sessions, and behind them one whose account is
// deleted.
func (w *world) populate() {
	w.t.Helper()
	ctx := w.t.Context()
	var err error
	if w.macKey, err = w.store.Key(ctx, "mac", func() []byte { return []byte("a key of the tests, 32 bytes long") }); err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.InitWatermark(ctx, w.log.Epoch(), 0, 0); err != nil {
		w.t.Fatal(err)
	}
	for _, name := range []string{"ann", "bo", "cy", "di"} {
		user, err := w.store.CreateUser(ctx, store.NewUser{Email: name + "@example.org", Name: name, Handle: name, At: 1})
		if err != nil {
			w.t.Fatal(err)
		}
		w.people = append(w.people, user.ID)
		if err := w.store.CreateSession(ctx, store.NewSession{SID: "session of " + name, User: user.ID, RefreshHash: []byte(name), At: 1, ExpiresAt: 2}); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.store.RevokeSession(ctx, "session of di", 2); err != nil {
		w.t.Fatal(err)
	}
	gone, err := w.store.CreateUser(ctx, store.NewUser{Email: "gone@example.org", Name: "gone", Handle: "gone", At: 1})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, _, err := w.store.DeleteUser(ctx, gone.ID, 3); err != nil {
		w.t.Fatal(err)
	}
}

// room reserves a room and makes it.
func (w *world) room(name string, kind chat.RoomKind, members ...chat.UserID) chat.RoomID {
	w.t.Helper()
	n := store.NewRoom{Kind: kind, Name: name, CreatedBy: w.people[0], CID: newCID(), At: 10, Others: members}
	if kind == chat.PublicRoom {
		n.NameKey = chat.RoomNameKey(name)
	}
	reserved, err := w.store.ReserveRoom(w.t.Context(), n)
	if err != nil {
		w.t.Fatal(err)
	}
	id := reserved.Room.ID
	w.states[id] = chat.NewState(id)
	create := &chat.Record{Kind: chat.KindCreate, Room: id, User: w.people[0], CID: n.CID, Name: name, RoomKind: kind,
		Members: []chat.Member{{User: w.people[0], Role: chat.RoleOwner}}}
	if kind == chat.DirectRoom {
		create.Members[0].Role = chat.RoleMember
	}
	for _, user := range members {
		create.Members = append(create.Members, chat.Member{User: user, Role: chat.RoleMember})
	}
	w.append(create)
	return id
}

func newCID() string { return uuid.Must(uuid.NewV7()).String() }

// append signs a record, appends it, and applies it as everybody has to.
func (w *world) append(rec *chat.Record) *chat.Event {
	w.t.Helper()
	rec.At = 1000 + int64(len(w.events[rec.Room]))
	if rec.MAC == "" {
		rec.MAC = chat.Sign(w.macKey, rec)
	}
	headers, value, err := chat.Encode(rec)
	if err != nil {
		w.t.Fatalf("%+v: %v", rec, err)
	}
	var raw []eventlog.Header
	for _, h := range headers {
		raw = append(raw, eventlog.Header(h))
	}
	pos := w.appendRaw(eventlog.Record{Headers: raw, Value: value})
	ev := chat.Apply(w.states[rec.Room], rec, pos, value)
	w.events[rec.Room] = append(w.events[rec.Room], ev)
	return ev
}

func (w *world) appendRaw(rec eventlog.Record) chat.Position {
	w.t.Helper()
	pos, err := eventlog.AppendWait(w.t.Context(), w.log, 0, rec)
	if err != nil {
		w.t.Fatal(err)
	}
	return chat.Position{Epoch: pos.Epoch, Partition: pos.Partition, Offset: pos.Offset}
}

// appendBroken appends a record of a room that nobody can decode.
func (w *world) appendBroken(room chat.RoomID) {
	pos := w.appendRaw(eventlog.Record{Headers: []eventlog.Header{
		{Key: "v", Value: []byte("1")}, {Key: "kind", Value: []byte("message")}, {Key: "room", Value: fmt.Append(nil, room)},
	}, Value: []byte("{")})
	w.events[room] = append(w.events[room], chat.ApplyUndecodable(w.states[room], pos))
}

// record stores what is in the log.
func (w *world) record() {
	w.t.Helper()
	end, err := w.log.End(w.t.Context(), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	stored := make(chan int64, 1000)
	recorder := history.NewRecorder(history.RecorderConfig{Log: w.log, Store: w.store, Logger: quiet,
		Stored: func(_ int32, next int64) { stored <- next }})
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- recorder.Run(ctx) }()
	for {
		select {
		case next := <-stored:
			if next < end {
				continue
			}
			cancel()
			<-ended
			return
		case err := <-ended:
			w.t.Fatalf("the recorder stopped: %v", err)
		}
	}
}

// verify compares everything.
func (w *world) verify() (differences []verify.Difference, report *verify.Report) {
	w.t.Helper()
	report, err := verify.Run(w.t.Context(), verify.Source{Store: w.store, Log: w.log}, func(d verify.Difference) error {
		differences = append(differences, d)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return differences, report
}

// live lets things happen in a room, most of them as they may, some not.
func (w *world) live(random *rand.Rand, room chat.RoomID, records int) {
	w.t.Helper()
	person := func() chat.UserID { return w.people[random.IntN(len(w.people))] }
	for range records {
		state := w.states[room]
		rec := &chat.Record{Room: room, User: person(), CID: newCID(), After: state.Head.Seq}
		switch random.IntN(16) {
		case 0:
			rec.Kind = chat.KindJoin
		case 1:
			rec.Kind = chat.KindLeave
		case 2:
			rec.Kind, rec.User, rec.TargetUser = chat.KindInvite, w.people[0], person()
		case 3:
			rec.Kind, rec.User, rec.TargetUser = []chat.Kind{chat.KindKick, chat.KindBan, chat.KindUnban, chat.KindUnban}[random.IntN(4)], w.people[0], w.people[1+random.IntN(3)]
		case 4:
			rec.Kind, rec.User, rec.TargetUser, rec.Role = chat.KindRole, w.people[0], w.people[1+random.IntN(3)], []chat.Role{chat.RoleAdmin, chat.RoleMember}[random.IntN(2)]
		case 5:
			rec.Kind, rec.User, rec.Topic = chat.KindTopic, w.people[0], fmt.Sprint("topic ", random.IntN(3))
		case 6:
			rec.Kind, rec.User = []chat.Kind{chat.KindArchive, chat.KindUnarchive, chat.KindUnarchive}[random.IntN(3)], w.people[0]
		case 7, 8, 9:
			w.change(random, rec)
		case 10:
			w.again(random, rec)
		case 11:
			w.appendBroken(room)
			continue
		}
		if rec.Kind == "" {
			rec.Kind, rec.Text = chat.KindMessage, fmt.Sprint("text ", random.IntN(1000))
			if random.IntN(3) == 0 {
				rec.Mentions = []chat.UserID{w.people[1], w.people[2]}[:1+random.IntN(2)]
			}
		}
		w.append(rec)
	}
}

// change makes rec a change of some message, if there is one.
func (w *world) change(random *rand.Rand, rec *chat.Record) {
	var messages []*chat.Event
	deleted := make(map[chat.Seq]bool)
	for _, ev := range w.events[rec.Room] {
		switch {
		case ev.Void():
		case ev.Kind == chat.KindMessage:
			messages = append(messages, ev)
		case ev.Kind == chat.KindDelete:
			deleted[ev.TargetSeq] = true
		}
	}
	if len(messages) == 0 {
		return
	}
	message := messages[random.IntN(len(messages))]
	if deleted[message.Seq] {
		return
	}
	rec.Kind = []chat.Kind{chat.KindEdit, chat.KindEdit, chat.KindEdit, chat.KindDelete, chat.KindReact, chat.KindPin}[random.IntN(6)]
	rec.User, rec.TargetSeq, rec.TargetUser = message.User, message.Seq, message.User
	switch rec.Kind {
	case chat.KindEdit:
		rec.Text = fmt.Sprint("edited ", random.IntN(1000))
		if random.IntN(2) == 0 {
			rec.Mentions = []chat.UserID{w.people[3]}
		}
	case chat.KindReact:
		rec.Emoji = "👍"
	case chat.KindPin:
		rec.User = w.people[0]
	}
}

// again makes rec a copy, a conflict, or stale.
func (w *world) again(random *rand.Rand, rec *chat.Record) {
	head := w.states[rec.Room].Head.Seq
	rec.Kind, rec.Text = chat.KindMessage, "again"
	if random.IntN(3) == 0 {
		rec.After = head + 5
		return
	}
	for _, ev := range w.events[rec.Room] {
		if ev.CID != "" && ev.Kind == chat.KindMessage && random.IntN(3) == 0 {
			rec.User, rec.CID, rec.After = ev.User, ev.CID, ev.Seq-1
			if random.IntN(2) == 0 {
				rec.MAC = ev.MAC // as if it said the same
			}
			return
		}
	}
}

// copyTo copies the closed world to another directory.
func (w *world) copyTo(dir string) {
	w.t.Helper()
	if err := os.CopyFS(dir, os.DirFS(w.dir)); err != nil {
		w.t.Fatal(err)
	}
}

// alter runs statements on a database that nobody has open.
func alter(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		result, err := db.Exec(statement)
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("%s: changed %d rows, %v", statement, n, err)
		}
	}
}
