package chat

import (
	"strings"
	"testing"
)

func TestEdited(t *testing.T) {
	message := effective(t, sample(KindMessage))
	message.Seq = 40
	before := string(message.Body)
	edit := effective(t, sample(KindEdit))
	edited, err := message.Edited(edit)
	if err != nil {
		t.Fatal(err)
	}
	headers, _ := mustEncode(t, sample(KindMessage))
	got, err := Decode(with(headers, "mentions", []byte("3")), edited.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got.Text != "Hello all" || got.ReplyTo == "" || edited.Rev != 42 || edited.Seq != 40 {
		t.Errorf("got %q in reply to %q, rev %d of %d", got.Text, got.ReplyTo, edited.Rev, edited.Seq)
	}
	if string(message.Body) != before || message.Rev != 0 {
		t.Error("the event itself was changed")
	}

	older := effective(t, sample(KindEdit))
	older.Seq = 41
	if again, err := edited.Edited(older); err != nil || again != edited {
		t.Errorf("an older edit changed it: %v", err)
	}
	if again, err := edited.Edited(edit); err != nil || again != edited {
		t.Errorf("the same edit changed it again: %v", err)
	}
}

func TestErasedIsFinal(t *testing.T) {
	message := effective(t, sample(KindMessage))
	erased, err := message.Erased(&Event{Kind: KindDelete, Seq: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Hello", "messageText", "mentions", "mac"} {
		if strings.Contains(string(erased.Body), secret) {
			t.Errorf("%s is left in %s", secret, erased.Body)
		}
	}
	if !erased.Deleted || erased.Rev != 50 || !strings.Contains(string(erased.Body), `"id":"`+message.ID+`"`) {
		t.Errorf("got %+v, body %s", erased, erased.Body)
	}
	later := effective(t, sample(KindEdit))
	later.Seq = 60
	if again, err := erased.Edited(later); err != nil || again != erased {
		t.Errorf("an edit changed a deleted message: %v", err)
	}
	if again, err := erased.Erased(&Event{Seq: 61}); err != nil || again != erased {
		t.Errorf("a second deletion changed it: %v", err)
	}
}

// The text of an edit is kept with the message alone, so that it goes with it.
func TestStoredBodyOfAnEditHasNoText(t *testing.T) {
	edit := effective(t, sample(KindEdit))
	body, err := edit.StoredBody()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(body), "Hello") || strings.Contains(string(body), "mentions") || !strings.Contains(string(body), `"targetSeq":40`) {
		t.Errorf("got %s", body)
	}
	message := effective(t, sample(KindMessage))
	if body, err := message.StoredBody(); err != nil || string(body) != string(message.Body) {
		t.Errorf("of a message got %s, %v", body, err)
	}
}

func TestChangesToABrokenBody(t *testing.T) {
	good, broken := effective(t, sample(KindMessage)), &Event{Kind: KindEdit, Seq: 43, Body: []byte(`{"kind"`)}
	if _, err := good.Edited(broken); err == nil {
		t.Error("a broken edit was taken")
	}
	if _, err := broken.Erased(&Event{Seq: 44}); err == nil {
		t.Error("a broken message was erased")
	}
	if _, err := broken.StoredBody(); err == nil {
		t.Error("a broken edit was stored")
	}
}

func TestText(t *testing.T) {
	message := effective(t, sample(KindMessage))
	if got, want := message.Text(), sample(KindMessage).Text; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	erased, err := message.Erased(&Event{Seq: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range []*Event{erased, effective(t, sample(KindEdit)), effective(t, sample(KindJoin)), {Kind: KindMessage, Outcome: VoidCopy}} {
		if got := ev.Text(); got != "" {
			t.Errorf("%s: got %q, want none", ev.Kind, got)
		}
	}
}

func TestRetold(t *testing.T) {
	message := effective(t, sample(KindMessage))
	message.Seq = 40
	first := effective(t, sample(KindEdit))
	first.Seq, first.Rev = 41, 41
	second := effective(t, sample(KindEdit))
	second.Body = []byte(strings.Replace(string(second.Body), "Hello all", "Hello again", 1))
	edited, err := message.Edited(first)
	if err != nil {
		t.Fatal(err)
	}
	if edited, err = edited.Edited(second); err != nil {
		t.Fatal(err)
	}
	untold, err := first.Untold()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(untold.Body), "Hello") || strings.Contains(string(untold.Body), "mentions") || !strings.Contains(string(first.Body), "Hello") {
		t.Errorf("untold: got %s", untold.Body)
	}
	for _, edit := range []*Event{first, untold} {
		retold, err := edit.Retold(edited)
		if err != nil {
			t.Fatal(err)
		}
		if retold.Seq != 41 || retold.Rev != 42 || retold.Deleted || strings.Count(string(retold.Body), "Hello") != 1 || !strings.Contains(string(retold.Body), "Hello again") {
			t.Errorf("retold: got seq %d, rev %d, %s; want seq 41, rev 42 and the later text", retold.Seq, retold.Rev, retold.Body)
		}
	}

	deleted, err := edited.Erased(&Event{Kind: KindDelete, Seq: 50})
	if err != nil {
		t.Fatal(err)
	}
	retold, err := first.Retold(deleted)
	if err != nil {
		t.Fatal(err)
	}
	if retold.Rev != 50 || !retold.Deleted || strings.Contains(string(retold.Body), "Hello") || retold.TargetSeq != 40 {
		t.Errorf("retold after the deletion: got %+v, body %s", retold, retold.Body)
	}
}

func TestHidden(t *testing.T) {
	edit := effective(t, sample(KindEdit)) // of message 40
	for from, want := range map[Seq]bool{1: false, 40: false, 41: true} {
		if got := edit.HiddenFrom(from); got != want {
			t.Errorf("hidden from whoever reads from %d on: got %v, want %v", from, got, want)
		}
	}
	if message := effective(t, sample(KindMessage)); message.HiddenFrom(100) {
		t.Error("a message is hidden")
	}
	hidden := edit.Hidden()
	if hidden.Seq != edit.Seq || hidden.Cursor() != edit.Cursor() || hidden.N != edit.N {
		t.Errorf("hidden: got %+v", hidden)
	}
	if hidden.User != 0 || hidden.Body != nil || hidden.TargetSeq != 0 || hidden.ID != "" || hidden.CID != "" {
		t.Errorf("hidden tells too much: %+v", hidden)
	}
}

// TestMACOfAChange: who wrote the message is looked up by the server, so it is
// no part of what the sender asked for.
func TestMACOfAChange(t *testing.T) {
	for _, kind := range Kinds {
		rec := sample(kind)
		before := Sign([]byte("key"), rec)
		rec.TargetUser += 5
		if same := Sign([]byte("key"), rec) == before; same != kind.ChangesMessage() {
			t.Errorf("%s: same mac with another targetUser: got %v, want %v", kind, same, kind.ChangesMessage())
		}
	}
}
