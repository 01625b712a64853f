package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/protocol"
)

// nodes starts servers that share a topic, a database and a Redis.
func nodes(t *testing.T, redis *services.Redis, n int) []*rig.Server {
	t.Helper()
	kafka := services.PrivateKafka(t)
	db := services.SharedMariaDB(t).NewDatabase(t)
	servers := make([]*rig.Server, n)
	for i := range servers {
		servers[i] = rig.Serve(t, rig.WithEnv(
			"PARLEY_DB="+db, "PARLEY_KAFKA="+strings.Join(kafka.Addrs(), ","), "PARLEY_KAFKA_PARTITIONS=6", "PARLEY_REDIS="+redis.URL(),
			fmt.Sprint("PARLEY_NODE_ID=node-", i)))
	}
	return servers
}

// TestCluster is what people see of three servers that are one.
func TestCluster(t *testing.T) {
	redis := services.PrivateRedis(t)
	servers := nodes(t, redis, 3)
	people := servers[0].People("ann", "bob", "cy")
	for i, p := range people {
		people[i] = servers[i].As(p)
	}
	t.Run("Talk", func(t *testing.T) { clusterTalks(t, people) })
	t.Run("Direct", func(t *testing.T) { clusterDirect(t, people) })
	t.Run("Cold", func(t *testing.T) { clusterReadsCold(t, redis, people) })
	t.Run("Leftovers", func(t *testing.T) { clusterLeavesNothing(t, servers) })
	t.Run("Presence", func(t *testing.T) { clusterSeesPeople(t, servers, people) })
	t.Run("Kick", func(t *testing.T) { clusterKicks(t, servers, people) })
	t.Run("Revoked", func(t *testing.T) { clusterRevokes(t, servers) })
	t.Run("Deleted", func(t *testing.T) { clusterForgets(t, servers, people) })
	t.Run("Balanced", func(t *testing.T) { clusterBalances(t, servers, people) })
	t.Run("Paused", func(t *testing.T) { clusterPauses(t, servers) })
	t.Run("Killed", func(t *testing.T) { clusterSurvives(t, servers, people) })
	t.Run("Dead", func(t *testing.T) { clusterBuries(t, servers) })
	t.Run("HandOver", func(t *testing.T) { clusterRecords(t, servers) })
	t.Run("Rolling", func(t *testing.T) { clusterRolls(t, servers) })
}

// TestPair is what two servers could do wrong to each other that Turbo-Chat's did,
// without what only three show.
func TestPair(t *testing.T) {
	redis := services.PrivateRedis(t)
	servers := nodes(t, redis, 2)
	people := servers[0].People("ann", "bob")
	people[1] = servers[1].As(people[1])
	t.Run("Talk", func(t *testing.T) { clusterTalks(t, people) })
	t.Run("Cold", func(t *testing.T) { clusterReadsCold(t, redis, people) })
	t.Run("Leftovers", func(t *testing.T) { clusterLeavesNothing(t, servers) })
	t.Run("Presence", func(t *testing.T) { clusterSeesPeople(t, servers, people) })
	t.Run("HandOver", func(t *testing.T) { clusterRecords(t, servers) })
	t.Run("Rolling", func(t *testing.T) { clusterRolls(t, servers) })
}

// clusterTalks: people on different servers see one conversation, with names.
func clusterTalks(t *testing.T, people []*rig.Person) {
	room := createAtLast(t, people[0], "harbour")
	sockets := make([]*rig.Socket, len(people))
	for i, p := range people {
		sockets[i] = p.Connect()
		sockets[i].Join(room)
	}
	const each = 20
	rig.Together(t, len(people), func(i int) error {
		for k := range each {
			if _, err := sockets[i].SayAtLast(room, fmt.Sprintf("%d of %s", k, people[i].Name), rig.NewCID()); err != nil {
				return err
			}
		}
		return nil
	})
	last := people[0].Page(room, "?limit=1").Head.Seq
	var first []protocol.Event
	for i, socket := range sockets {
		socket.AwaitSeq(room, last)
		events := socket.InRoom(room)
		if err := rig.Contiguous(events); err != nil {
			t.Errorf("%s: %v", people[i].Name, err)
		}
		said := rig.Messages(events)
		if i == 0 {
			first = said
		}
		for k, event := range said {
			if event.Cursor != first[k].Cursor || event.MessageText != first[k].MessageText {
				t.Fatalf("%s: message %d is %+v, and %+v for %s", people[i].Name, k, event, first[k], people[0].Name)
			}
			if want := event.MessageText[strings.LastIndex(event.MessageText, " ")+1:]; event.UserName != want {
				t.Errorf("%s: got the name %q of whoever said %q", people[i].Name, event.UserName, event.MessageText)
			}
		}
		if len(said) != each*len(people) {
			t.Errorf("%s: got %d messages, want %d", people[i].Name, len(said), each*len(people))
		}
		socket.Cut()
	}
}

// clusterDirect: the first direct message of somebody on another server arrives
// at once, without being asked for.
func clusterDirect(t *testing.T, people []*rig.Person) {
	ann, bob := people[0].Connect(), people[1].Connect()
	defer ann.Cut()
	defer bob.Cut()
	var opened protocol.OpenDirectAck
	rig.Eventually(t, "a direct room", func() bool {
		return bob.TryAsk(&opened, protocol.OpenDirect, protocol.OpenDirectRequest{UserID: people[0].ID}) == nil
	})
	var info protocol.RoomInfo
	ann.Await(protocol.RoomAdded, func(ev rig.Event) bool { return ev.Into(&info) == nil && info.ID == opened.Room.ID })
	if info.Peer == nil || info.Peer.ID != people[1].ID {
		t.Errorf("roomAdded: got %+v, want the direct room with bob", info)
	}
	bob.Say(info.ID, "hello ann")
	ann.JoinSince(info.ID, "0")
	if event := ann.AwaitText(info.ID, "hello ann"); event.UserID != people[1].ID {
		t.Errorf("message: got %+v, want bob's", event)
	}
}

// clusterSeesPeople: who is online, who writes and what was read is known on all
// servers, and nobody stays online whose server was killed.
func clusterSeesPeople(t *testing.T, servers []*rig.Server, people []*rig.Person) {
	// Somebody who has not been here: who goes and comes within one tick has
	// not changed, and nobody is told. The last server is killed, so bob is at
	// another one, with ann if there are only two.
	last := servers[len(servers)-1]
	people = []*rig.Person{people[0], servers[(len(servers)-1)/2].As(people[1]), last.As(servers[0].Register("cyd"))}
	var room protocol.RoomInfo
	people[0].Call(&room, "POST", "/api/v1/rooms", map[string]any{"name": "pier", "kind": "private", "members": []int64{people[1].ID, people[2].ID}})
	ann, bob := people[0].Connect(), people[1].Connect()
	defer ann.Cut()
	defer bob.Cut()
	ann.Join(room.ID)
	bob.Join(room.ID)
	online := func(want ...string) {
		t.Helper()
		rig.Eventually(t, fmt.Sprint("online: ", want), func() bool {
			time.Sleep(50 * time.Millisecond) // so as not to be limited
			var ack protocol.OnlineAck
			ann.Ask(&ack, protocol.GetOnlineUsers, protocol.OnlineRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}})
			var got []string
			for _, user := range ack.Users {
				got = append(got, user.Name)
			}
			return slices.Equal(got, want)
		})
	}
	online("ann", "bob")
	cy := people[2].Connect()
	ann.Await(protocol.Presence, func(ev rig.Event) bool {
		var change protocol.PresenceChange
		isCyd := func(p protocol.OnlinePerson) bool { return p.ID == people[2].ID }
		return ev.Into(&change) == nil && change.RoomID == room.ID && slices.ContainsFunc(change.Online, isCyd)
	})
	online("ann", "bob", "cyd")

	bob.Ask(new(protocol.OK), protocol.Typing, protocol.TypingRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}})
	ann.Await(protocol.SomebodyTypes, func(ev rig.Event) bool {
		var notice protocol.TypingNotice
		return ev.Into(&notice) == nil && notice.RoomID == room.ID && notice.UserID == people[1].ID && notice.UserName == "bob"
	})

	elsewhere := servers[1].As(people[0]).Connect()
	defer elsewhere.Cut()
	seq := bob.Say(room.ID, "look").Seq
	ann.AwaitText(room.ID, "look")
	ann.Ask(new(protocol.MarkAck), protocol.MarkRead, protocol.MarkReadRequest{RoomRef: protocol.RoomRef{RoomID: room.ID}, Seq: &seq})
	elsewhere.Await(protocol.ReadChanged, func(ev rig.Event) bool {
		var standing protocol.Standing
		return ev.Into(&standing) == nil && standing.RoomID == room.ID && standing.Read.Seq == seq
	})
	people[0].Call(nil, "PATCH", fmt.Sprintf("/api/v1/rooms/%d/settings", room.ID), map[string]any{"muted": true})
	for _, device := range []*rig.Socket{ann, elsewhere} {
		device.Await(protocol.SettingsChanged, func(ev rig.Event) bool {
			var told protocol.SettingsOfRoom
			return ev.Into(&told) == nil && told.RoomID == room.ID && told.Settings.Muted
		})
	}
	var written protocol.DraftAck
	ann.Ask(&written, protocol.SetDraft, protocol.SetDraftRequest{
		RoomRef: protocol.RoomRef{RoomID: room.ID}, SetDraftBody: protocol.SetDraftBody{Text: new("half a sentence")},
	})
	elsewhere.Await(protocol.DraftChanged, func(ev rig.Event) bool {
		var told protocol.DraftOfRoom
		return ev.Into(&told) == nil && told == written.DraftOfRoom
	})

	last.Kill()
	killed := time.Now()
	cy.AwaitEnd()
	online("ann", "bob")
	t.Logf("cy was offline %v after the server was killed", time.Since(killed))
	last.Start()
}

// clusterKicks: what is said after a kick has returned does not reach whom it
// hit, on whatever server they are.
func clusterKicks(t *testing.T, servers []*rig.Server, people []*rig.Person) {
	var room protocol.RoomInfo
	request := protocol.CreateRoom{Name: "cabin", Kind: "private", Members: []int64{people[1].ID, people[2].ID}, CID: rig.NewCID()}
	rig.Eventually(t, "a private room", func() bool { return people[0].TryCall(&room, "POST", "/api/v1/rooms", request) == nil })
	bob, cy := people[1].Connect(), servers[1].As(people[2]).Connect()
	bob.Join(room.ID)
	cy.Join(room.ID)
	for i := range 10 {
		if i == 5 {
			rig.Eventually(t, "a kick", func() bool {
				err := people[0].TryCall(nil, "DELETE", fmt.Sprintf("/api/v1/rooms/%d/members/%d", room.ID, people[1].ID), nil)
				return err == nil || rig.StatusOf(err) == http.StatusNotFound // an earlier try did it
			})
		}
		people[0].Call(nil, "POST", fmt.Sprintf("/api/v1/rooms/%d/messages", room.ID), map[string]string{"messageText": fmt.Sprint("word ", i)})
	}
	cy.AwaitText(room.ID, "word 9") // on bob's server
	bob.Roundtrip()
	got := rig.Texts(bob.InRoom(room.ID))
	if want := []string{"word 0", "word 1", "word 2", "word 3", "word 4"}; !slices.Equal(got, want) {
		t.Errorf("bob: got %q, want %q", got, want)
	}
	for _, server := range servers {
		err := server.As(people[1]).TryCall(nil, "GET", fmt.Sprintf("/api/v1/rooms/%d/messages", room.ID), nil)
		if rig.StatusOf(err) != http.StatusNotFound {
			t.Errorf("a page for bob at %s: got %v, want 404", server.Addr, err)
		}
	}
	bob.Cut()
	cy.Cut()
}

// clusterRevokes: whoever signs out everywhere, changes the password or is
// disabled is cut off on every server.
func clusterRevokes(t *testing.T, servers []*rig.Server) {
	dan := servers[0].Register("dan")
	for name, revoke := range map[string]func(*rig.Person){
		"sign out everywhere": func(p *rig.Person) { p.Call(nil, "DELETE", "/api/v1/me/sessions", nil) },
		"another password": func(p *rig.Person) {
			p.Call(nil, "PUT", "/api/v1/me/password", protocol.PasswordChange{Present: dan.Password, Wanted: dan.Password + "!"})
			dan.Password += "!"
		},
	} {
		t.Run(name, func(t *testing.T) {
			here := servers[0].SignIn(dan)
			victim := servers[1].SignIn(dan)
			var sockets []*rig.Socket
			for _, server := range servers {
				sockets = append(sockets, server.As(victim).Connect())
			}
			revoke(here)
			returned := time.Now()
			for i, socket := range sockets {
				socket.Await(protocol.Problem, func(ev rig.Event) bool {
					var problem protocol.ProblemNotice
					return ev.Into(&problem) == nil && problem.Code == "revoked"
				})
				socket.AwaitEnd()
				t.Logf("%s: the socket at server %d has ended %v after the call returned", name, i, time.Since(returned))
			}
			for _, server := range servers {
				if err := server.As(victim).TryCall(nil, "GET", "/api/v1/me", nil); rig.StatusOf(err) != http.StatusUnauthorized {
					t.Errorf("a token at %s after it was revoked: got %v, want 401", server.Addr, err)
				}
			}
		})
	}
}

// clusterForgets: somebody who deletes the account on one server is cut off on
// every other one too; there they have left their rooms, are called a deleted
// user, and are found no more.
func clusterForgets(t *testing.T, servers []*rig.Server, people []*rig.Person) {
	eve, cy := servers[0].Register("eve"), people[2]
	var room protocol.RoomInfo
	request := protocol.CreateRoom{Name: "attic", Kind: "private", Members: []int64{eve.ID, cy.ID}, CID: rig.NewCID()}
	rig.Eventually(t, "a private room", func() bool { return people[0].TryCall(&room, "POST", "/api/v1/rooms", request) == nil })
	path := fmt.Sprint("/api/v1/rooms/", room.ID)
	var sockets []*rig.Socket
	for _, server := range servers {
		socket := server.As(eve).Connect()
		socket.Join(room.ID)
		sockets = append(sockets, socket)
	}
	watching := cy.Connect() // on the last server
	watching.Join(room.ID)
	said := sockets[1].Say(room.ID, "so long")
	watching.AwaitSeq(room.ID, said.Seq)

	eve.Call(nil, "DELETE", "/api/v1/me", protocol.Confirmation{Password: eve.Password})
	for _, socket := range sockets {
		socket.Await(protocol.Problem, func(ev rig.Event) bool {
			var problem protocol.ProblemNotice
			return ev.Into(&problem) == nil && problem.Code == "revoked"
		})
		socket.AwaitEnd()
	}
	rig.Eventually(t, "eve leaves, as seen on another server", func() bool {
		return slices.ContainsFunc(watching.InRoom(room.ID), func(ev protocol.Event) bool { return ev.Kind == "leave" && ev.UserID == eve.ID })
	})
	for _, server := range servers {
		if err := server.As(eve).TryCall(nil, "GET", "/api/v1/me", nil); rig.StatusOf(err) != http.StatusUnauthorized {
			t.Errorf("her token at %s: got %v, want 401", server.Addr, err)
		}
		here := server.As(cy)
		rig.Eventually(t, "eve is forgotten at "+server.Addr, func() bool {
			time.Sleep(100 * time.Millisecond) // within the rates of reads and of searches
			var members protocol.MemberPage
			var user protocol.User
			var page protocol.PageAck
			for path, answer := range map[string]any{
				path + "/members": &members, fmt.Sprint("/api/v1/users/", eve.ID): &user, path + "/messages": &page,
			} {
				if here.TryCall(answer, "GET", path, nil) != nil {
					return false
				}
			}
			in := slices.ContainsFunc(members.Members, func(m protocol.MemberInfo) bool { return m.ID == eve.ID })
			named := slices.ContainsFunc(page.Events, func(raw json.RawMessage) bool { return strings.Contains(string(raw), `"userName":"eve"`) })
			return !in && user.Deleted && user.Name == "deleted user" && !named && len(page.Events) > 0
		})
		var found protocol.PeoplePage
		here.Call(&found, "GET", "/api/v1/people?search=eve", nil)
		if len(found.People) != 0 {
			t.Errorf("at %s one finds %+v", server.Addr, found.People)
		}
	}
	watching.Cut()
}

// clusterBalances: behind a balancer that sends each request to another server,
// a polling session works as on one, and so does its upgrade to a WebSocket.
func clusterBalances(t *testing.T, servers []*rig.Server, people []*rig.Person) {
	balanced := rig.Balance(t, servers...)
	room := createAtLast(t, people[0], "market")
	polling := balanced.As(people[0]).ConnectPolling()
	defer polling.Cut()
	upgraded := balanced.As(people[1]).ConnectPolling()
	defer upgraded.Cut()
	polling.Join(room)
	upgraded.Join(room)
	upgraded.Roundtrip()
	if err := upgraded.Upgrade(); err != nil {
		t.Fatal(err)
	}
	const each = 10
	for i := range each {
		polling.Say(room, fmt.Sprint("polled ", i))
		upgraded.Say(room, fmt.Sprint("upgraded ", i))
	}
	for _, socket := range []*rig.Socket{polling, upgraded} {
		socket.AwaitText(room, fmt.Sprint("upgraded ", each-1))
		if said := rig.Messages(socket.InRoom(room)); len(said) != 2*each {
			t.Errorf("got %d messages, want %d", len(said), 2*each)
		}
	}
	// Nobody else gets at the session by going to another server.
	session, _ := polling.IDs()
	req, err := http.NewRequest("GET", servers[1].URL+"/socket.io/?EIO=4&transport=polling&sid="+session, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+people[2].Token)
	if _, err := servers[1].Do(req); rig.StatusOf(err) != http.StatusBadRequest {
		t.Errorf("somebody else's poll: got %v, want 400", err)
	}
}

// asleep is longer than news are good, than a server counts as alive, and than
// Kafka keeps its place among those who record.
const asleep = 31 * time.Second

// clusterPauses: a server that was stopped for so long tells nobody anything,
// when it goes on, that they have lost the right to, and answers nothing older
// than what was said meanwhile.
func clusterPauses(t *testing.T, servers []*rig.Server) {
	gus, hal := servers[0].Register("gus"), servers[0].Register("hal")
	room := createAtLast(t, gus, "tower")
	victim, other := servers[1].As(hal).Connect(), servers[2].As(gus).Connect()
	victim.Join(room)
	other.Join(room)
	speaker := gus.Connect()
	speaker.Join(room)
	speaker.Say(room, "before")
	victim.AwaitText(room, "before")

	servers[1].Pause()
	servers[2].As(hal).Call(nil, "DELETE", "/api/v1/me/sessions", nil)
	speaker.Say(room, "after the end of hal's session")
	other.AwaitText(room, "after the end of hal's session")
	meanwhile := createAtLast(t, gus, "spire") // stored by another one, if it stored that partition
	time.Sleep(asleep)
	servers[1].Continue()
	var page protocol.PageAck
	rig.Eventually(t, "a page of the server that slept", func() bool {
		return servers[1].As(gus).TryCall(&page, "GET", fmt.Sprintf("/api/v1/rooms/%d/messages", room), nil) == nil
	})
	if !slices.ContainsFunc(page.Events, func(ev json.RawMessage) bool { return bytes.Contains(ev, []byte("after the end of")) }) {
		t.Errorf("the server that slept shows %s", page.Events)
	}
	rig.Eventually(t, "a page of a room that was made meanwhile", func() bool {
		return servers[1].As(gus).TryCall(nil, "GET", fmt.Sprintf("/api/v1/rooms/%d/messages", meanwhile), nil) == nil
	})
	victim.AwaitEnd()
	if got := rig.Texts(victim.InRoom(room)); !slices.Equal(got, []string{"before"}) {
		t.Errorf("hal at the server that slept: got %q, want what was said before", got)
	}
	back := servers[1].As(gus).Connect()
	back.JoinSince(room, "0")
	back.AwaitText(room, "after the end of hal's session")
}

// clusterSurvives: when a server is killed its people go on at another one,
// exactly behind the last event that they have.
func clusterSurvives(t *testing.T, servers []*rig.Server, people []*rig.Person) {
	room := createAtLast(t, people[0], "lighthouse")
	ann, cy := people[0].Connect(), people[2].Connect()
	defer ann.Cut()
	ann.Join(room)
	cy.Join(room)
	var want []string
	say := func(from, to int) {
		t.Helper()
		for i := from; i < to; i++ {
			want = append(want, fmt.Sprint("light ", i))
			if _, err := ann.SayAtLast(room, want[i], rig.NewCID()); err != nil {
				t.Fatal(err)
			}
		}
	}
	say(0, 5)
	cy.AwaitText(room, "light 4")
	servers[2].Kill()
	cy.AwaitEnd()
	seen := cy.InRoom(room)
	say(5, 25)

	back := servers[1].As(people[2]).Connect()
	defer back.Cut()
	back.JoinSince(room, seen[len(seen)-1].Cursor)
	say(25, 30)
	back.AwaitText(room, "light 29")
	all := slices.Concat(seen, back.InRoom(room))
	if err := rig.Contiguous(all); err != nil {
		t.Error(err)
	}
	if got := rig.Texts(all); !slices.Equal(got, want) {
		t.Errorf("cy: got %q, want %q", got, want)
	}
	// A message that was taken by the killed server, sent again to another one.
	servers[2].Start()
	again, cid := servers[2].As(people[0]).Connect(), rig.NewCID()
	ack, err := again.TrySay(room, "once", cid)
	if err != nil {
		t.Fatal(err)
	}
	servers[2].Kill()
	var copied protocol.SendAck
	ann.Ask(&copied, protocol.SendMessage, protocol.SendRequest{RoomRef: protocol.RoomRef{RoomID: room}, MessageText: "once", CID: cid, Retry: true})
	if !copied.Duplicate || copied.Seq != ack.Seq {
		t.Errorf("the same message to another server: got %+v, want the answer of the first, %+v", copied, ack)
	}
	servers[2].Start()
}

// clusterBuries: what a server recorded that stays dead falls to the others, and
// to itself again when it starts.
func clusterBuries(t *testing.T, servers []*rig.Server) {
	kit := servers[0].Register("kit")
	servers[2].Kill()
	killed := time.Now()
	for i := range 12 { // most likely in every partition
		createAtLast(t, kit, fmt.Sprint("cove ", i))
	}
	t.Logf("everything was recorded again %v after a server was killed", time.Since(killed))
	servers[2].Start()
	servers[2].Kill()
	servers[2].Start()
	killed = time.Now()
	for i := range 12 {
		createAtLast(t, kit, fmt.Sprint("creek ", i))
	}
	t.Logf("everything was recorded again %v after one was killed and was there again", time.Since(killed))
}

// createAtLast makes a room, asking again with the same cid: what a killed server
// had to record is recorded by nobody for some seconds.
func createAtLast(t *testing.T, who *rig.Person, name string) int64 {
	t.Helper()
	var room protocol.RoomInfo
	request := protocol.CreateRoom{Name: name, CID: rig.NewCID()}
	rig.Eventually(t, "a new room", func() bool { return who.TryCall(&room, "POST", "/api/v1/rooms", request) == nil })
	return room.ID
}

// clusterRecords: while people talk, servers that record are killed one after
// another. In the end the database holds what the log does.
func clusterRecords(t *testing.T, servers []*rig.Server) {
	dee := servers[0].Register("dee")
	var rooms []int64
	for i := range 8 { // more than partitions
		rooms = append(rooms, createAtLast(t, dee, fmt.Sprint("pier ", i)))
	}
	stop, spoken := make(chan struct{}), make(chan struct{})
	said := make(chan int, 1)
	go func() { // at the server that stays
		socket := dee.Connect()
		defer socket.Cut()
		for n := 0; ; n++ {
			select {
			case <-stop:
				said <- n
				return
			case spoken <- struct{}{}:
			}
			if _, err := socket.SayAtLast(rooms[n%len(rooms)], fmt.Sprint("wave ", n), rig.NewCID()); err != nil {
				t.Errorf("say: %v", err)
				said <- n
				close(spoken)
				return
			}
		}
	}()
	for range 2 {
		for _, victim := range servers[1:] {
			for range 8 {
				<-spoken
			}
			victim.Kill()
			for range 8 {
				<-spoken
			}
			victim.Start()
		}
	}
	close(stop)
	n := <-said
	var total uint64
	for _, room := range rooms {
		total += dee.Page(room, "?limit=1").Head.N
	}
	if total != uint64(n) || n == 0 {
		t.Errorf("messages: got %d, want the %d that were acknowledged", total, n)
	}
	operate(t, servers[0].Data, 0, "verify")
}

// clusterRolls: every server is stopped and started while somebody talks, who
// goes to another one when told to. Nothing is sent or stored again for that.
func clusterRolls(t *testing.T, servers []*rig.Server) {
	people := servers[0].People("eve", "fay")
	room := createAtLast(t, people[0], "quay")
	listener := people[0].Connect()
	listener.Join(room)
	for i, server := range servers {
		if i == 0 {
			continue // the listener's own comes last
		}
		speaker := server.As(people[1]).Connect()
		speaker.Join(room)
		speaker.Say(room, fmt.Sprint("before ", i))
		before := len(server.Log())
		server.Interrupt()
		speaker.Await(protocol.Draining, func(rig.Event) bool { return true })
		speaker.AwaitEnd()
		next := servers[(i+1)%len(servers)]
		moved := next.As(people[1]).Connect()
		moved.Say(room, fmt.Sprint("after ", i))
		moved.Cut()
		if code := server.Wait(); code != 0 {
			t.Errorf("server %d: exit code %d", i, code)
		}
		for line := range strings.Lines(server.Log()[before:]) {
			if strings.Contains(line, `"ERROR"`) || strings.Contains(line, "panic") || strings.Contains(line, "goroutine ") {
				t.Errorf("server %d says while it stops: %s", i, line)
			}
		}
		server.Start()
	}
	listener.AwaitText(room, fmt.Sprint("after ", len(servers)-1))
	if err := rig.Contiguous(listener.InRoom(room)); err != nil {
		t.Error(err)
	}
	last := listener.InRoom(room)
	servers[0].Restart()
	back := servers[1].As(people[0]).Connect()
	back.JoinSince(room, last[0].Cursor)
	if got, want := rig.Texts(back.InRoom(room)), rig.Texts(last[1:]); !slices.Equal(got, want) {
		t.Errorf("after the last restart: got %q, want %q", got, want)
	}
	operate(t, servers[0].Data, 0, "verify")
}
