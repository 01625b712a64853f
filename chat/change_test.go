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
