package e2e

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/protocol"
)

// D5: people join and write at the same time; everybody sees the same order of
// all of it, each writer's own messages in the order in which they were sent.
func oneOrderInARoom(t *testing.T) {
	server := rig.Serve(t)
	const writers, messages = 4, 10
	people := server.Crowd("writer", writers)
	room := people[0].CreateRoom("order")
	watcher := server.Register("watcher").Connect()
	watcher.Join(room.ID)

	sockets := make([]*rig.Socket, writers)
	for i, person := range people {
		sockets[i] = person.Connect()
	}
	heads := make([]uint64, writers)
	rig.Together(t, writers, func(i int) error {
		var joined protocol.JoinAck
		if err := sockets[i].TryAsk(&joined, protocol.JoinRoom, protocol.RoomRef{RoomID: room.ID}); err != nil {
			return err
		}
		heads[i] = joined.Head.Seq
		last := uint64(0)
		for n := range messages {
			ack, err := sockets[i].TrySay(room.ID, fmt.Sprintf("%d/%d", i, n), rig.NewCID())
			if err != nil {
				return err
			}
			if ack.Seq <= last {
				return fmt.Errorf("message %d acknowledged at seq %d, the one before it at %d", n, ack.Seq, last)
			}
			last = ack.Seq
		}
		return nil
	})

	whole := people[0].Page(room.ID, "?limit=200").Events
	for name, socket := range map[string]*rig.Socket{"watcher": watcher, "writer0": sockets[0], "writer3": sockets[3]} {
		socket.Roundtrip()
		live := socket.InRoom(room.ID)
		if err := rig.Contiguous(live); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(idsFrom(whole, live[0].Seq), idsFrom(live, 0)); diff != "" {
			t.Errorf("%s saw another order than history has (-history +live):\n%s", name, diff)
		}
	}
	for i := range writers {
		var own []string
		for _, text := range rig.Texts(whole) {
			if strings.HasPrefix(text, fmt.Sprintf("%d/", i)) {
				own = append(own, text)
			}
		}
		if len(own) != messages || !slices.IsSorted(own) {
			t.Errorf("messages of writer %d stand as %v", i, own)
		}
	}
}

// idsFrom are seq and id of the messages from seq on.
func idsFrom(events []protocol.Event, from uint64) []string {
	var ids []string
	for _, ev := range rig.Messages(events) {
		if ev.Seq >= from {
			ids = append(ids, fmt.Sprintf("%d %s", ev.Seq, ev.ID))
		}
	}
	return ids
}

// D6: a send is answered when it is durable. One whose answer never came, since
// the server was killed, is sent again with its cid and stands once.
func everySendIsAnswered(t *testing.T) {
	server := rig.Serve(t)
	anna := server.Register("anna")
	room := anna.CreateRoom("answers")
	socket := anna.Connect()
	socket.Join(room.ID)

	ack := socket.Say(room.ID, "durable")
	server.Kill() // right behind the answer
	server.Start()
	got := anna.Page(room.ID, "").Messages()
	if len(got) != 1 || got[0].ID != ack.ID || got[0].Seq != ack.Seq {
		t.Errorf("after the kill history has %+v, want the message %+v", got, ack)
	}

	socket = anna.Connect()
	socket.Join(room.ID)
	cids := make([]string, 20)
	for i := range cids {
		cids[i] = rig.NewCID()
		if _, err := socket.Begin(protocol.SendMessage, protocol.SendRequest{
			RoomRef: protocol.RoomRef{RoomID: room.ID}, MessageText: cids[i], CID: cids[i],
		}); err != nil {
			t.Fatal(err)
		}
	}
	server.Kill()
	socket.AwaitEnd()
	server.Start()
	socket = anna.Connect()
	for _, cid := range cids {
		var again protocol.SendAck
		socket.Ask(&again, protocol.SendMessage, protocol.SendRequest{
			RoomRef: protocol.RoomRef{RoomID: room.ID}, MessageText: cid, CID: cid, Retry: true,
		})
	}
	texts := rig.Texts(anna.Page(room.ID, "").Events)
	slices.Sort(texts[1:])
	if diff := cmp.Diff(append([]string{"durable"}, slices.Sorted(slices.Values(cids))...), texts); diff != "" {
		t.Errorf("after sending again (-want +got):\n%s", diff)
	}
}

// D7: while the disk is full, sends are refused, and nobody ever sees them.
func refusedIsShownToNobody(t *testing.T) {
	disk := smallDisk(t, 16<<20)
	server := rig.Serve(t, rig.WithData(filepath.Join(disk, "data")))
	people := server.People("anna", "ben")
	room := people[0].CreateRoom("full")
	anna, ben := people[0].Connect(), people[1].Connect()
	anna.Join(room.ID)
	ben.Join(room.ID)

	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	refusedText, refusedCID := "", ""
	var taken []string
	for i := range 45 {
		text, cid := fmt.Sprintf("%02d %s", i, strings.Repeat("x", 9000)), rig.NewCID()
		_, err := anna.TrySay(room.ID, text, cid)
		var refused *rig.Refused
		if errors.As(err, &refused) {
			if refused.Code != "unavailable" {
				t.Errorf("send on a full disk: got %v, want the code unavailable", refused)
			}
			refusedText, refusedCID = text, cid
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, text)
	}
	if refusedText == "" {
		t.Fatal("a full disk took 400 KB of messages")
	}

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for {
		// It has only to come back at all; the answers say when.
		_, err := anna.TrySay(room.ID, "space again", "space-again")
		var refused *rig.Refused
		if err == nil {
			break
		}
		if !errors.As(err, &refused) || refused.Code != "unavailable" && refused.Code != "rate_limited" {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(refused.RetryAfter * float64(time.Second)))
	}
	ben.AwaitText(room.ID, "space again")
	if diff := cmp.Diff(append(taken, "space again"), rig.Texts(ben.InRoom(room.ID))); diff != "" {
		t.Errorf("what others see (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(append(taken, "space again"), rig.Texts(people[1].Page(room.ID, "").Events)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if ack, err := anna.TrySay(room.ID, refusedText, refusedCID); err != nil || ack.Duplicate {
		t.Errorf("the refused message sent again: got %+v, %v, want it taken for the first time", ack, err)
	}
}

// D8: ten thousand characters arrive whole, one more is refused.
func longMessagesAreWhole(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben")
	room := people[0].CreateRoom("long")
	anna, ben := people[0].Connect(), people[1].Connect()
	anna.Join(room.ID)
	ben.Join(room.ID)

	long := strings.Repeat("ä", 9_999) + "!"
	anna.Say(room.ID, long)
	if got := ben.AwaitText(room.ID, long); got.Kind != "message" {
		t.Errorf("got a %s", got.Kind)
	}
	if got := rig.Texts(people[1].Page(room.ID, "").Events); len(got) != 1 || got[0] != long {
		t.Errorf("history has not the message as it was sent: %.40q", got)
	}
	anna.WantRefusal("invalid", protocol.SendMessage, protocol.SendRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}, MessageText: long + "!"})
	anna.WantRefusal("too_large", protocol.SendMessage, protocol.SendRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}, MessageText: strings.Repeat("€", 20_000)})
	if got := rig.Texts(people[1].Page(room.ID, "").Events); len(got) != 1 {
		t.Errorf("history has %d messages, want 1", len(got))
	}
}

// D9: somebody else holds the database's lock; messages go on as if nothing
// was. When it is free again, they are stored.
func deliveryWithoutTheDatabase(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben")
	room := people[0].CreateRoom("busy")
	anna, ben := people[0].Connect(), people[1].Connect()
	anna.Join(room.ID)
	ben.Join(room.ID)
	anna.Say(room.ID, "before")

	db, err := sql.Open("sqlite", filepath.Join(server.Data, "parley.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lock, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := lock.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	want := []string{"before"}
	for i := range 20 {
		text := fmt.Sprint("while locked ", i)
		anna.Say(room.ID, text)
		want = append(want, text)
		ben.AwaitText(room.ID, text)
	}
	var stored int
	if err := lock.QueryRowContext(t.Context(), `SELECT count(*) FROM events WHERE room = ? AND kind = 'message'`, room.ID).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if stored > 1 { // the one before the lock, if the recorder had come to it
		t.Errorf("%d messages are stored while the database is locked: the lock does not hold", stored)
	}
	// What was delivered is read, too.
	if diff := cmp.Diff(want, rig.Texts(people[1].Page(room.ID, "").Events)); diff != "" {
		t.Errorf("history while locked (-want +got):\n%s", diff)
	}
	if _, err := lock.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM events WHERE room = ? AND kind = 'message'`, room.ID).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if stored != len(want) {
		t.Errorf("%d messages are stored after the stop, want %d", stored, len(want))
	}
}

// D10: a message's time is that of its acceptance, to the millisecond, the same
// in the answer, live, in history, and after a restart.
func timeOfAcceptance(t *testing.T) {
	server := rig.Serve(t)
	anna := server.Register("anna")
	room := anna.CreateRoom("time")
	socket := anna.Connect()
	socket.Join(room.ID)

	const messages = 30
	var want []int64
	fraction := false
	for i := range messages {
		before := time.Now().UnixMilli()
		ack := socket.Say(room.ID, fmt.Sprint(i))
		after := time.Now().UnixMilli()
		if ack.At < before || ack.At > after {
			t.Errorf("message %d was sent from %d to %d and has the time %d", i, before, after, ack.At)
		}
		fraction = fraction || ack.At%1000 != 0
		want = append(want, ack.At)
	}
	if !fraction {
		t.Errorf("%d times, all of them whole seconds", messages)
	}
	socket.Roundtrip()
	if diff := cmp.Diff(want, times(socket.InRoom(room.ID))); diff != "" {
		t.Errorf("live (-answers +live):\n%s", diff)
	}
	server.Restart()
	if diff := cmp.Diff(want, times(anna.Page(room.ID, "").Events)); diff != "" {
		t.Errorf("after a restart (-answers +history):\n%s", diff)
	}
	var turbo []protocol.TurboMessage
	anna.Call(&turbo, "GET", fmt.Sprintf("/api/chat/%d/messages", room.ID), nil)
	newest := turbo[0].CreatedAt
	if want := time.UnixMilli(want[messages-1]).UTC().Format("2006-01-02T15:04:05.000Z"); newest != want {
		t.Errorf("createdAt: got %s, want %s", newest, want)
	}
}

func times(events []protocol.Event) []int64 {
	var at []int64
	for _, ev := range rig.Messages(events) {
		at = append(at, ev.At)
	}
	return at
}

// D11: who was away gets exactly what was missed, and then what is live,
// whether the server was restarted meanwhile or not.
func resumeWhereOneWas(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben")
	room := people[0].CreateRoom("away")
	anna, ben := people[0].Connect(), people[1].Connect()
	anna.Join(room.ID)
	ben.Join(room.ID)
	anna.Say(room.ID, "seen")
	ben.AwaitText(room.ID, "seen")
	seen := ben.InRoom(room.ID)
	cursor := seen[len(seen)-1].Cursor
	ben.Cut()

	want := []string{}
	for i := range 10 {
		text := fmt.Sprint("missed ", i)
		anna.Say(room.ID, text)
		want = append(want, text)
	}
	server.Kill()
	server.Start()
	anna = people[0].Connect()
	anna.Join(room.ID)
	anna.Say(room.ID, "missed too")

	ben = people[1].Connect()
	ack := ben.JoinSince(room.ID, cursor)
	atAnswer := ben.InRoom(room.ID)
	if diff := cmp.Diff(append(want, "missed too"), rig.Texts(atAnswer)); diff != "" {
		t.Errorf("with the answer (-want +got):\n%s", diff)
	}
	if got, want := atAnswer[0].Seq, seen[len(seen)-1].Seq+1; got != want {
		t.Errorf("the resume begins with seq %d, want %d", got, want)
	}
	if last := atAnswer[len(atAnswer)-1]; ack.Head == nil || ack.Head.Seq != last.Seq || ack.Head.Cursor != last.Cursor {
		t.Errorf("the answer's head is %+v, the last event is %d, %s", ack.Head, last.Seq, last.Cursor)
	}
	anna.Say(room.ID, "live")
	ben.AwaitText(room.ID, "live")
	if err := rig.Contiguous(ben.InRoom(room.ID)); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(append(want, "missed too", "live"), rig.Texts(ben.InRoom(room.ID))); diff != "" {
		t.Errorf("after the resume (-want +got):\n%s", diff)
	}
}

// D12: a live message carries the id, the number and the time that its sender
// was answered, and that history has.
func liveMessagesHaveIDAndTime(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben")
	room := people[0].CreateRoom("ids")
	anna, ben := people[0].Connect(), people[1].Connect()
	anna.Join(room.ID)
	ben.Join(room.ID)

	ack := anna.Say(room.ID, "hello")
	live := ben.AwaitText(room.ID, "hello")
	page := people[1].Page(room.ID, "").Messages()
	if len(page) != 1 {
		t.Fatalf("history has %d messages, want 1", len(page))
	}
	want := place{ack.ID, ack.Seq, ack.Cursor, ack.At}
	if want.ID == "" || want.At == 0 {
		t.Errorf("answer without id or time: %+v", ack)
	}
	for name, ev := range map[string]protocol.Event{"live": live, "history": page[0]} {
		if got := (place{ev.ID, ev.Seq, ev.Cursor, ev.At}); got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

// place is what tells one message from all others.
type place struct {
	ID     string
	Seq    uint64
	Cursor string
	At     int64
}

// D13: the stream of a room says the same as its history: a client needs no
// other call.
func eventsSayEverything(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben")
	room := people[0].CreateRoom("everything")
	watcher := server.Register("watcher").Connect()
	watcher.JoinSince(room.ID, "0")
	sockets := []*rig.Socket{people[0].Connect(), people[1].Connect()}
	for i, socket := range sockets {
		socket.Join(room.ID)
		for n := range 5 {
			socket.Say(room.ID, fmt.Sprintf("%s says %d", people[i].Name, n))
		}
	}
	var left protocol.OK
	sockets[1].Ask(&left, protocol.LeaveRoom, protocol.LeaveRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}, Forever: true})
	watcher.Roundtrip()

	var page protocol.PageAck
	people[0].Call(&page, "GET", fmt.Sprintf("/api/v1/rooms/%d/messages?limit=200", room.ID), nil)
	live := make(map[uint64]string)
	for _, ev := range watcher.Events(protocol.ReceiveMessage) {
		var numbered protocol.Event
		if err := ev.Into(&numbered); err != nil {
			t.Fatal(err)
		}
		live[numbered.Seq] = string(ev.Args[0])
	}
	for _, raw := range page.Events {
		var ev protocol.Event
		if err := json.Unmarshal(raw, &ev); err != nil {
			t.Fatal(err)
		}
		if live[ev.Seq] != string(raw) {
			t.Errorf("event %d\nlive:    %s\nhistory: %s", ev.Seq, live[ev.Seq], raw)
		}
	}
	if got, want := uint64(len(live)), page.Head.Seq; got != want {
		t.Errorf("%d events came live, the room has %d", got, want)
	}
}

// D14: many people come, and the last 20 messages are the last 20 messages.
func noticesDoNotCrowdOut(t *testing.T) {
	server := rig.Serve(t)
	anna := server.Register("anna")
	room := anna.CreateRoom("crowded")
	socket := anna.Connect()
	socket.Join(room.ID)
	var want []string
	for i := range 25 {
		text := fmt.Sprint("message ", i)
		socket.Say(room.ID, text)
		want = append([]string{text}, want...) // newest first
	}
	want = want[:20]
	for _, guest := range server.Crowd("guest", 30) {
		guest.Connect().Join(room.ID)
	}

	var messages []protocol.TurboMessage
	anna.Call(&messages, "GET", fmt.Sprintf("/api/chat/%d/messages", room.ID), nil)
	if diff := cmp.Diff(want, turboTexts(messages)); diff != "" {
		t.Errorf("GET /api/chat/:id/messages (-want +got):\n%s", diff)
	}
	var recent protocol.RecentAck
	socket.Ask(&recent, protocol.GetRecentMessages, protocol.RecentRequest{RoomRef: protocol.RoomRef{RoomName: "crowded"}, Count: 20})
	if diff := cmp.Diff(want, turboTexts(recent.Messages)); diff != "" {
		t.Errorf("getRecentMessages (-want +got):\n%s", diff)
	}
	if got := len(anna.Page(room.ID, "").Messages()); got != 25 {
		t.Errorf("the latest page has %d messages, want 25", got)
	}
}

func turboTexts(messages []protocol.TurboMessage) []string {
	var texts []string
	for _, m := range messages {
		texts = append(texts, m.MessageText)
	}
	return texts
}

// D15: a broken record lies in the log. It keeps its number and does nothing;
// everything before and after it is there.
func undecodableRecordIsPassedOver(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "ben")
	room := people[0].CreateRoom("broken")
	anna := people[0].Connect()
	anna.Join(room.ID)
	before := anna.Say(room.ID, "before")
	server.Stop()

	spoilLog(t, filepath.Join(server.Data, "log.db"))
	server.Start()
	anna, ben := people[0].Connect(), people[1].Connect()
	anna.Join(room.ID)
	ben.JoinSince(room.ID, before.Cursor)
	after := anna.Say(room.ID, "after")
	ben.AwaitText(room.ID, "after")

	if got, want := after.Seq, before.Seq+3; got != want { // the broken one, and ben's join
		t.Errorf("the message after the broken record has seq %d, want %d", got, want)
	}
	events := ben.InRoom(room.ID)
	if err := rig.Contiguous(events); err != nil {
		t.Error(err)
	}
	if events[0].Seq != before.Seq+1 || events[0].Kind != "void" {
		t.Errorf("behind the last message comes %+v, want a void", events[0])
	}
	server.Restart()
	if diff := cmp.Diff([]string{"before", "after"}, rig.Texts(people[1].Page(room.ID, "").Events)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

// spoilLog appends a copy of the log's last record whose value is no JSON.
func spoilLog(t *testing.T, path string) {
	t.Helper()
	log, err := eventlog.OpenSQLite(path, eventlog.SQLiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	end, err := log.End(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var broken eventlog.Record
	if err := log.Follow(ctx, 0, end-1, func(batch []eventlog.Entry) error {
		broken = batch[len(batch)-1].Record
		stop()
		return nil
	}); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	broken.Value = []byte(`{"kind":"message","messageText":`)
	done := make(chan error, 1)
	log.Append(0, broken, func(_ eventlog.Position, err error) { done <- err })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// D16: 130 messages, read to the very first.
func everyMessageCanBeRead(t *testing.T) {
	server := rig.Serve(t)
	people := server.Crowd("writer", 3)
	room := people[0].CreateRoom("long ago")
	const each = 45
	rig.Together(t, len(people), func(i int) error {
		socket, err := server.TryConnect(t, rig.How{Token: people[i].Token})
		if err != nil {
			return err
		}
		if err := socket.TryAsk(new(protocol.JoinAck), protocol.JoinRoom, protocol.RoomRef{RoomID: room.ID}); err != nil {
			return err
		}
		for n := range each {
			if _, err := socket.TrySay(room.ID, fmt.Sprintf("%d/%d", i, n), rig.NewCID()); err != nil {
				return err
			}
		}
		return nil
	})
	var messages []protocol.Event
	query := "?limit=20"
	for {
		page := people[1].Page(room.ID, query)
		messages = append(page.Messages(), messages...)
		if !page.MoreBefore {
			break
		}
		query = fmt.Sprintf("?limit=20&before=%d", messages[0].Seq)
	}
	if got, want := len(messages), len(people)*each; got != want {
		t.Errorf("paging back gives %d messages, want %d", got, want)
	}
	for i, m := range messages {
		if got, want := m.N, uint64(i+1); got != want {
			t.Fatalf("message %d from the beginning has the number %d", want, got)
		}
	}
}
