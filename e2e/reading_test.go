package e2e

import (
	"fmt"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// TestReadMarksSurviveKill kills the server behind each way of reading: marking
// as unread is kept, marking as read is kept or forgotten as a whole, an own
// message counts as read; and all devices are told the same.
func TestReadMarksSurviveKill(t *testing.T) {
	server := rig.Serve(t)
	people := server.People("anna", "bert")
	anna, bert := people[0], people[1]
	room := anna.CreateRoom("general").ID // 1
	hers := anna.Connect()
	bert.Connect().Join(room) // 2
	ref := protocol.RoomRef{RoomID: room}
	for i := range 8 {
		hers.Say(room, fmt.Sprint(i)) // 3 to 10
	}
	// synced is what a device of bert's is told that comes back.
	synced := func() protocol.RoomInfo {
		t.Helper()
		var ack protocol.SyncAck
		bert.Connect().Ask(&ack, protocol.Sync, protocol.SyncRequest{})
		if len(ack.Rooms) != 1 || ack.Rooms[0].Read == nil {
			t.Fatalf("synced %+v, want the one room", ack)
		}
		info := ack.Rooms[0]
		if info.Unread != info.Head.N-info.Read.N {
			t.Errorf("%d unread behind %+v of %+v", info.Unread, *info.Read, info.Head)
		}
		return info
	}
	restart := func() (read protocol.ReadMark) {
		t.Helper()
		server.Kill()
		server.Start()
		first, second := synced(), synced()
		if *first.Read != *second.Read || first.Unread != second.Unread {
			t.Errorf("one device is told %+v and the other %+v", first, second)
		}
		return *first.Read
	}

	var ack protocol.MarkAck
	bert.Connect().Ask(&ack, protocol.MarkRead, protocol.MarkReadRequest{RoomRef: ref, Seq: new(uint64(6))})
	before := protocol.ReadMark{Seq: 2, Version: 1}
	if read := restart(); read != ack.Read && read != before {
		t.Errorf("after a kill the mark is %+v, want %+v or as before, %+v", read, ack.Read, before)
	}
	bert.Connect().Ask(&ack, protocol.MarkUnread, protocol.MarkUnreadRequest{RoomRef: ref, Seq: 5})
	if read := restart(); read != ack.Read || read.Seq != 4 || read.Version != 2 {
		t.Errorf("after a kill the mark is %+v, want %+v: it was on the disk", read, ack.Read)
	}
	// A list that shows a mark has written it.
	bert.Connect().Ask(&ack, protocol.MarkRead, protocol.MarkReadRequest{RoomRef: ref, Seq: new(uint64(7))})
	synced()
	if read := restart(); read != ack.Read {
		t.Errorf("after a kill the mark is %+v, want %+v, which a list has shown", read, ack.Read)
	}
	said := bert.Connect().Say(room, "mine") // 11
	if read := restart(); read.Seq != said.Seq || read.Version != 2 {
		t.Errorf("after a kill the mark is %+v, want it at bert's own message %d", read, said.Seq)
	}
}
