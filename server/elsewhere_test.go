package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/rooms"
	"github.com/parleychat/parley/server"
)

// onKafka is the configuration of a server of a cluster.
func onKafka(t *testing.T, kafka *services.Kafka, db string) server.Config {
	cfg := config(t)
	cfg.DB = server.DatabaseURL(db)
	cfg.Kafka.Brokers, cfg.Kafka.Partitions = kafka.Addrs(), 2
	return cfg
}

// TestChangedElsewhere: rooms come and go at one server, while the list of
// somebody at another one is read, and while that one cannot open the room.
func TestChangedElsewhere(t *testing.T) {
	kafka := services.PrivateKafka(t)
	db := services.SharedMariaDB(t).NewDatabase(t)
	held, closed := new(heldLists), new(closedRoom)
	here := startWithSeams(t, onKafka(t, kafka, db), server.Seams{})
	there := startWithSeams(t, onKafka(t, kafka, db), server.Seams{
		RoomStore: func(s rooms.Store) rooms.Store {
			held.Store = s
			return held
		},
		HubStore: func(s fanout.Store) fanout.Store {
			closed.Store = s
			return closed
		},
	})
	ann, ben, cy := here.join("ann@example.org"), here.join("ben@example.org"), here.join("cy@example.org")
	old := ann.create(protocol.CreateRoom{Kind: "private", Name: "old", Members: []int64{ben.me(), cy.me()}})
	me, others := ben.me(), []int64{ben.me(), cy.me()}
	ben.url, cy.url = there.URL(), there.URL()
	his, cys := ben.device(), cy.device()

	list := held.hold(me)
	sync := his.begin(protocol.Sync, protocol.SyncRequest{})
	<-list.read
	ann.do("DELETE", fmt.Sprint(old, "/members/", me), nil).want(http.StatusOK)
	added := idOf(t, ann.create(protocol.CreateRoom{Kind: "private", Name: "new", Members: others}))
	var info protocol.RoomInfo
	for cys.expect(protocol.RoomAdded, &info); info.ID != added; cys.expect(protocol.RoomAdded, &info) {
	}
	// Whoever asks another server afterwards is told no less.
	var list2 protocol.OwnRoomPage
	cy.do("GET", "/api/v1/me/rooms", nil).want(http.StatusOK).into(&list2)
	if !slices.ContainsFunc(list2.Rooms, func(r protocol.RoomInfo) bool { return r.ID == added }) {
		t.Errorf("the room that was made is not in the list of the other server: %+v", list2.Rooms)
	}
	close(list.letGo)
	his.await("the new room without the old one, behind the list", func() bool {
		shown, synced := his.shows(sync)
		return synced && shown[added] && !shown[idOf(t, old)]
	})

	closed.room.Store(added + 1) // the next one
	next := idOf(t, ann.create(protocol.CreateRoom{Kind: "private", Name: "next", Members: others}))
	if next != added+1 {
		t.Fatalf("the next room is %d, behind %d", next, added)
	}
	await(t, "a room that cannot be told of", func() bool { return closed.tries.Load() > 0 })
	closed.room.Store(0)
	his.await("the room that could not be opened", func() bool {
		shown, _ := his.shows(sync)
		return shown[next]
	})
}

// TestLogMadeAnewElsewhere: the topic is deleted and made anew while servers run.
// Each of them ends and says why; until then it answers with what was said, or
// not at all. None starts on what is there now.
func TestLogMadeAnewElsewhere(t *testing.T) {
	kafka := services.PrivateKafka(t)
	db := services.SharedMariaDB(t).NewDatabase(t)
	type running struct {
		*node
		ended chan error
	}
	var servers []running
	for range 2 {
		n := &node{t: t, cfg: onKafka(t, kafka, db), log: new(logText)}
		n.cfg.Logger = slog.New(slog.NewJSONHandler(n.log, nil))
		var err error
		if n.Server, err = server.New(t.Context(), n.cfg); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		r := running{n, make(chan error, 1)}
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.ended <- n.Run(ctx)
		}()
		t.Cleanup(func() { cancel(); <-done })
		if err := n.AwaitReady(t.Context()); err != nil {
			t.Fatal(err)
		}
		servers = append(servers, r)
	}
	ann := servers[0].join("ann@example.org")
	path := ann.room("Ship")
	ann.say(path, "said")

	former, err := epochOf(t, kafka)
	if err != nil {
		t.Fatal(err)
	}
	opts, err := kafka.ClientOptions()
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	if _, err := admin.DeleteTopics(t.Context(), eventlog.KafkaTopic); err != nil {
		t.Fatal(err)
	}
	await(t, "the topic that is made anew", func() bool {
		made, err := epochOf(t, kafka)
		return err == nil && made != former
	})
	for _, r := range servers {
		ann.url = r.URL()
		for ended := false; !ended; {
			select {
			case err := <-r.ended:
				if !errors.Is(err, eventlog.ErrEpochChanged) {
					t.Errorf("the server ended with %v, want that the log is another one", err)
				}
				ended = true
			case <-time.After(50 * time.Millisecond):
				got, err := ann.tryTexts(path)
				if err == nil && !slices.Equal(got, []string{"said"}) {
					t.Errorf("meanwhile the server showed %q", got)
				}
			}
		}
	}
	if _, err := server.New(t.Context(), onKafka(t, kafka, db)); !errors.Is(err, server.ErrLostLog) {
		t.Errorf("a server that starts: got %v, want it refused", err)
	}
}

// epochOf is the identity of the log, which is made if there is none.
func epochOf(t *testing.T, kafka *services.Kafka) (string, error) {
	log, err := eventlog.OpenKafka(t.Context(), eventlog.KafkaOptions{Brokers: kafka.Addrs(), Partitions: 2, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", err
	}
	return log.Epoch(), log.Close()
}

// tryTexts is texts, as long as there is somebody who answers.
func (c *client) tryTexts(room string) ([]string, error) {
	request, err := http.NewRequestWithContext(c.t.Context(), "GET", c.url+room+"/messages", http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(response.Status)
	}
	var p page
	if err := json.NewDecoder(response.Body).Decode(&p); err != nil {
		return nil, err
	}
	var texts []string
	for _, event := range p.Events {
		if event.Kind == "message" {
			texts = append(texts, event.MessageText)
		}
	}
	return texts, nil
}
