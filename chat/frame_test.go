package chat

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

// golden compares with testdata/<name>.json. The tests of the web client read
// the same files.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if !json.Valid(got) {
		t.Errorf("%s is not JSON: %s", name, got)
	}
	path := filepath.Join("testdata", name+".json")
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s: got\n%swant\n%s(go test ./chat -update writes it anew)", path, got, want)
	}
}

// effective is the event of a record that took effect as seq 42.
func effective(t testing.TB, rec *Record) *Event {
	t.Helper()
	_, value := mustEncode(t, rec)
	ev := &Event{
		Room: rec.Room, Seq: 42, N: 17, Kind: rec.Kind, User: rec.User, CID: rec.CID, MAC: rec.MAC, ID: rec.ID, At: rec.At,
		Chain: Chain{}.Next(rec.ID), After: rec.After, TargetSeq: rec.TargetSeq, TargetUser: rec.TargetUser, Body: value,
	}
	if rec.Kind == KindEdit || rec.Kind == KindDelete {
		ev.Rev = ev.Seq
	}
	return ev
}

// What clients get, one file for each kind.
func TestFrames(t *testing.T) {
	for _, kind := range Kinds {
		golden(t, string(kind), AppendFrame(nil, effective(t, sample(kind)), "general", "Ann"))
	}

	message := effective(t, sample(KindMessage))
	message.Seq, message.N, message.ID = 40, 16, sample(KindMessage).ID
	edited, err := message.Edited(effective(t, sample(KindEdit)))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "message-edited", AppendFrame(nil, edited, "general", "Ann"))
	deleted, err := message.Erased(effective(t, sample(KindDelete)))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "message-deleted", AppendFrame(nil, deleted, "general", "Ann"))

	// What somebody gets of the edit who comes back after the deletion.
	edit := effective(t, sample(KindEdit))
	edit.Seq, deleted.Rev = 41, 42
	retold, err := edit.Retold(deleted)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "edit-deleted", AppendFrame(nil, retold, "general", "Ann"))

	void := effective(t, sample(KindMessage))
	void.Outcome = VoidForbidden
	golden(t, "void", AppendFrame(nil, void, "general", "Ann"))
	golden(t, "hidden", AppendFrame(nil, effective(t, sample(KindEdit)).Hidden(), "general", "Ann"))
	golden(t, "gap", AppendGap(nil, testRoom, 3, 39))
	golden(t, "reset", AppendReset(nil, testRoom, ResetHistory, Head{Seq: 42, N: 17, Chain: message.Chain}))
}

// A frame is a JSON object in which no key stands twice, with names as people
// write them.
func TestFrameIsOneObject(t *testing.T) {
	frame := AppendFrame([]byte("in front "), effective(t, sample(KindMessage)), `"</script>`, "Ann\n")
	frame = frame[len("in front "):]
	var got struct {
		Seq         Seq    `json:"seq"`
		N           uint64 `json:"n"`
		Cursor      Cursor `json:"cursor"`
		RoomName    string `json:"roomName"`
		UserName    string `json:"userName"`
		MessageText string `json:"messageText"`
		ID          any    `json:"id"`
		At          any    `json:"at"`
		UserID      any    `json:"userId"`
	}
	if err := DecodeStrict(frame, &got); err != nil {
		t.Fatal(err)
	}
	if got.Seq != 42 || got.N != 17 || got.Cursor.Seq != 42 || got.RoomName != `"</script>` || got.UserName != "Ann\n" || got.MessageText != sample(KindMessage).Text {
		t.Errorf("got %+v", got)
	}
}

func BenchmarkAppendFrame(b *testing.B) {
	ev := effective(b, sample(KindMessage))
	buf := make([]byte, 0, 2<<10)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendFrame(buf[:0], ev, "general", "Ann")
	}
}
