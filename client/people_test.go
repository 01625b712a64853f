package client_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parleychat/parley/client"
	"github.com/parleychat/parley/protocol"
)

// TestStatus: what a program says of its person is seen by others in the room,
// and by the person's other devices.
func TestStatus(t *testing.T) {
	url := serve(t)
	ann, bob := register(t, url, "ann"), register(t, url, "bob")
	his := bob.dial(url)
	room := join(t, his, create(t, his, protocol.CreateRoom{Name: "general"}).ID, client.FromNow())

	seen, own := make(chan protocol.PresenceChange, 100), make(chan protocol.OwnStatus, 100)
	hers, err := client.Dial(soon(t), client.Config{
		URL: url, Token: client.Password(url, ann.email, password), HTTPClient: ann.web,
		Presence:      func(change protocol.PresenceChange) { seen <- change },
		StatusChanged: func(status protocol.OwnStatus) { own <- status },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hers.Close)
	joined := join(t, hers, room.ID(), client.FromNow())
	online, err := joined.Online(soon(t))
	if err != nil || !slices.ContainsFunc(online, func(p protocol.OnlinePerson) bool { return p.Handle == "bob" && p.Status == "online" }) {
		t.Errorf("online are %+v (%v), want bob among them", online, err)
	}

	status, err := his.SetStatus(soon(t), protocol.StatusRequest{Status: new("away")})
	if want := (protocol.OwnStatus{Status: "away", Rev: 1}); err != nil || status != want {
		t.Errorf("got %+v (%v), want %+v", status, err, want)
	}
	ctx := soon(t)
	for shown := ""; shown != "away"; {
		select {
		case change := <-seen:
			for _, p := range change.Online {
				if p.Handle == "bob" && change.RoomID == room.ID() {
					shown = p.Status
				}
			}
		case <-ctx.Done():
			t.Fatal("nobody says that bob is away")
		}
	}
	if _, err := ann.dial(url).SetStatus(ctx, protocol.StatusRequest{Status: new("dnd")}); err != nil {
		t.Fatal(err)
	}
	select {
	case status := <-own:
		if want := (protocol.OwnStatus{Status: "dnd", Rev: 1}); status != want {
			t.Errorf("the other device is told %+v, want %+v", status, want)
		}
	case <-ctx.Done():
		t.Fatal("the other device is not told")
	}
	asked, err := hers.SetStatus(ctx, protocol.StatusRequest{})
	if err != nil || asked.Status != "dnd" {
		t.Errorf("asked only: got %+v (%v), want dnd", asked, err)
	}
	_, err = hers.SetStatus(ctx, protocol.StatusRequest{Status: new("invisible")})
	wantRefused(t, "what is no status", err, "invalid")
}

func TestSearchPeople(t *testing.T) {
	url := serve(t)
	ann := register(t, url, "ann").dial(url)
	register(t, url, "bob")
	register(t, url, "bobby")
	var found []string
	wanted := protocol.SearchPeopleRequest{Search: "@Bo", Limit: 1}
	for {
		page, err := ann.SearchPeople(soon(t), wanted)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.People {
			found = append(found, p.Handle)
		}
		if wanted.After = page.Next; page.Next == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"bob", "bobby"}, found); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	_, err := ann.SearchPeople(soon(t), protocol.SearchPeopleRequest{Search: "b"})
	wantRefused(t, "one character", err, "invalid")
}
