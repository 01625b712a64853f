package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

func decodeJSON(from io.Reader, into any) error { return json.NewDecoder(from).Decode(into) }

// seat is a server at which people sit, with a socket for each thing that they
// do at the same time.
type seat struct {
	server  *rig.Server
	sockets map[string]*rig.Socket
	refused error // why nobody could sit down
}

// ability is something that people do, and what docs/degraded.md calls it. try
// answers with the word that the table has for what became of it: yes, no,
// later, or the code of a refusal.
type ability struct {
	name string
	try  func(d *degraded, at *seat) string
}

var abilities = []ability{
	{"sign in", (*degraded).signsIn},
	{"sign out, which ends the session everywhere", (*degraded).signsOut},
	{"REST calls of somebody who is signed in", (*degraded).isSignedIn},
	{"connect, with a token", (*degraded).connects},
	{"come back to a room, behind a cursor", (*degraded).resumes},
	{"send in an open room", (*degraded).sends},
	{"what was sent reaches people on another server", (*degraded).reachesOthers},
	{"read what was said last, up to a cursor", (*degraded).readsLatest},
	{"read what was said last, up to the log's end", (*degraded).readsEnd},
	{"read what was said long ago", (*degraded).readsOld},
	{"enter a room that nobody has open on this server", (*degraded).opensRoom},
	{"mark as read", (*degraded).marksRead},
	{"see who is online on this server", (*degraded).seesHere},
	{"see who is online on other servers", (*degraded).seesElsewhere},
	{"see who writes on this server", (*degraded).seesWritingHere},
	{"see who writes on other servers", (*degraded).seesWritingElsewhere},
	{"list one's rooms", (*degraded).listsRooms},
	{"create a room", (*degraded).createsRoom},
	{"manage people (owners and admins)", (*degraded).manages},
	{"`/readyz`", (*degraded).isReady},
}

// words of the tables beside the codes of refusals.
const (
	done     = "yes"
	notSeen  = "no"
	later    = "later"
	starting = "starting"
)

// word is what became of a request.
func (d *degraded) word(err error) string {
	var refused *rig.Refused
	var status *rig.HTTPError
	switch {
	case err == nil:
		return done
	case errors.As(err, &refused):
		return d.refusal(refused.Code, refused.Message, refused.RetryAfter)
	case errors.As(err, &status):
		var problem protocol.ProblemDetails
		if json.Unmarshal([]byte(status.Body), &problem) != nil {
			return "an answer that is no problem document: " + err.Error()
		}
		if strings.HasPrefix(problem.Detail, "The server is starting.") {
			return starting
		}
		return d.refusal(problem.Code, problem.Detail, problem.RetryAfter)
	case errors.Is(err, rig.ErrRefused):
		var said struct {
			Message string
			Data    protocol.ErrorInfo
		}
		_, text, _ := strings.Cut(err.Error(), rig.ErrRefused.Error()+": ")
		if json.Unmarshal([]byte(text), &said) != nil {
			return "a refusal without a code: " + err.Error()
		}
		return d.refusal(said.Data.Code, said.Data.Message, said.Data.RetryAfter)
	case strings.Contains(err.Error(), "503 Service Unavailable"):
		return starting
	}
	return "no answer: " + err.Error()
}

// refusal is a refusal's code, if it says what to do.
func (d *degraded) refusal(code, message string, retryAfter float64) string {
	// What became of an unknown send is known when it is, and the message says
	// how to learn it.
	if message == "" || retryAfter <= 0 && code != "unknown" {
		return fmt.Sprintf("%s (%q) without a time to come back", code, message)
	}
	return code
}

func (d *degraded) signsIn(at *seat) string {
	who := d.signers[d.turn%len(d.signers)] // so as not to be limited
	var in protocol.SignedIn
	return d.word(at.server.TryCall(&in, http.MethodPost, "/api/v1/login", "", protocol.Credentials{Email: who.Email, Password: who.Password}))
}

func (d *degraded) signsOut(at *seat) string {
	err := at.server.As(d.leavers[d.turn]).TryCall(nil, http.MethodPost, "/api/v1/logout", nil)
	return d.word(err)
}

func (d *degraded) isSignedIn(at *seat) string {
	return d.word(at.server.As(d.ann).TryCall(new(json.RawMessage), http.MethodGet, "/api/v1/me", nil))
}

func (d *degraded) connects(at *seat) string {
	socket, err := at.server.As(d.ann).TryConnect(d.t)
	if err == nil {
		socket.Cut()
	}
	return d.word(err)
}

// resumes comes back on a new connection to a room that is open here.
func (d *degraded) resumes(at *seat) string {
	socket, err := at.server.As(d.ann).TryConnect(d.t)
	if err != nil {
		return d.word(err)
	}
	defer socket.Cut()
	err = socket.TryAsk(new(protocol.JoinAck), protocol.JoinRoom, protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomID: d.room}, Since: &d.cursor})
	if err == nil && !slices.Contains(rig.Texts(socket.InRoom(d.room)), firstWords) {
		return "came back without what was said"
	}
	return d.word(err)
}

func (d *degraded) sends(at *seat) string { return d.say(at, "send") }

func (d *degraded) reachesOthers(at *seat) string {
	text := d.newText()
	word := d.sayText(at, "live", text)
	switch word {
	case done:
		d.bob.AwaitText(d.room, text)
	case "unknown":
		return later // what was said is waited for when the service is back
	}
	return word
}

func (d *degraded) say(at *seat, socket string) string { return d.sayText(at, socket, d.newText()) }

func (d *degraded) newText() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.texts++
	return fmt.Sprint("words ", d.texts)
}

func (d *degraded) sayText(at *seat, name, text string) string {
	if at.refused != nil {
		return d.word(at.refused)
	}
	cid := rig.NewCID()
	_, err := at.sockets[name].TrySay(d.room, text, cid)
	word := d.word(err)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch word {
	case done:
		d.said = append(d.said, text)
	case "unknown":
		d.unsure = append(d.unsure, unsure{text, cid})
	}
	return word
}

func (d *degraded) ask(at *seat, socket, event string, request any) string {
	if at.refused != nil {
		return d.word(at.refused)
	}
	return d.word(at.sockets[socket].TryAsk(new(json.RawMessage), event, request))
}

func (d *degraded) readsLatest(at *seat) string {
	return d.ask(at, "latest", protocol.GetMessages, protocol.PageRequest{RoomRef: protocol.RoomRef{RoomID: d.room}, AtLeast: d.cursor})
}

func (d *degraded) readsEnd(at *seat) string {
	return d.ask(at, "end", protocol.GetMessages, protocol.PageRequest{RoomRef: protocol.RoomRef{RoomID: d.room}})
}

// readsOld reads below what is in memory.
func (d *degraded) readsOld(at *seat) string {
	return d.ask(at, "old", protocol.GetMessages, protocol.PageRequest{RoomRef: protocol.RoomRef{RoomID: d.long}, Before: new(uint64(20)), AtLeast: d.longCursor})
}

func (d *degraded) opensRoom(at *seat) string {
	return d.ask(at, "open", protocol.JoinRoom, protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomID: d.attics[d.turn]}})
}

func (d *degraded) marksRead(at *seat) string {
	return d.ask(at, "mark", protocol.MarkRead, protocol.MarkReadRequest{RoomRef: protocol.RoomRef{RoomID: d.room}})
}

// online asks who is, until the answer shows one thing or the other.
func (d *degraded) online(at *seat, socket string, shows func(names []string) string) string {
	if at.refused != nil {
		return d.word(at.refused)
	}
	for deadline := time.Now().Add(rig.Patience); ; time.Sleep(100 * time.Millisecond) {
		var ack protocol.OnlineAck
		err := at.sockets[socket].TryAsk(&ack, protocol.GetOnlineUsers, protocol.OnlineRequest{RoomRef: protocol.RoomRef{RoomID: d.room}})
		if err != nil {
			return d.word(err)
		}
		var names []string
		for _, user := range ack.Users {
			names = append(names, user.Name)
		}
		if word := shows(names); word != "" {
			return word
		}
		if time.Now().After(deadline) {
			return fmt.Sprintf("still %q", names)
		}
	}
}

// seesHere: somebody on this server goes.
func (d *degraded) seesHere(at *seat) string {
	if at.refused == nil {
		at.sockets[guestHere].Cut()
	}
	return d.online(at, "here", func(names []string) string {
		if !slices.Contains(names, "gus") && slices.Contains(names, "ann") {
			return done
		}
		return ""
	})
}

// seesElsewhere: somebody on the other server goes, and somebody stays.
func (d *degraded) seesElsewhere(at *seat) string {
	if d.elsewhere != nil {
		d.elsewhere.Cut()
	}
	return d.online(at, "elsewhere", func(names []string) string {
		switch {
		case !slices.Contains(names, "bob"):
			return notSeen
		case !slices.Contains(names, "hana"):
			return done
		}
		return ""
	})
}

func (d *degraded) seesWritingHere(at *seat) string {
	if at.refused != nil {
		return d.word(at.refused)
	}
	return d.seesWriting(at, "watch here", at.sockets["cy writes"], d.cy.ID)
}

func (d *degraded) seesWritingElsewhere(at *seat) string {
	if at.refused != nil {
		return d.word(at.refused)
	}
	return d.seesWriting(at, "watch elsewhere", d.bob, d.bobPerson.ID)
}

// typingShown is how long nothing has to be seen of who writes, on a server
// which says that it does not see others.
const typingShown = 3 * time.Second

// seesWriting lets somebody write again and again.
func (d *degraded) seesWriting(at *seat, watcher string, writer *rig.Socket, who int64) string {
	seen := func() int {
		n := 0
		for _, ev := range at.sockets[watcher].Events(protocol.SomebodyTypes) {
			var notice protocol.TypingNotice
			if ev.Into(&notice) == nil && notice.UserID == who {
				n++
			}
		}
		return n
	}
	before, begun := seen(), time.Now()
	for {
		var refused *rig.Refused
		err := writer.TryAsk(new(protocol.OK), protocol.Typing, protocol.TypingRequest{RoomRef: protocol.RoomRef{RoomID: d.room}})
		if err != nil && (!errors.As(err, &refused) || refused.Code != "rate_limited") {
			return d.word(err)
		}
		for range 10 {
			time.Sleep(100 * time.Millisecond)
			if seen() > before {
				return done
			}
		}
		_, ready := readinessOf(at.server)
		if time.Since(begun) > typingShown && ready.wrong("presence") {
			return notSeen
		}
		if time.Since(begun) > rig.Patience {
			return "not seen, and /readyz does not say why"
		}
	}
}

func (d *degraded) listsRooms(at *seat) string {
	return d.word(at.server.As(d.ann).TryCall(new(json.RawMessage), http.MethodGet, "/api/v1/rooms", nil))
}

func (d *degraded) createsRoom(at *seat) string {
	return d.word(at.server.As(d.cy).TryCall(new(json.RawMessage), http.MethodPost, "/api/v1/rooms", protocol.CreateRoom{Name: d.newText(), CID: rig.NewCID()}))
}

func (d *degraded) manages(at *seat) string {
	return d.word(at.server.As(d.owner).TryCall(new(json.RawMessage), http.MethodGet, "/api/v1/admin/users", nil))
}

func (d *degraded) isReady(at *seat) string {
	switch status, said := readinessOf(at.server); status {
	case http.StatusOK:
		return "200"
	case http.StatusServiceUnavailable:
		return "503"
	default:
		return fmt.Sprint(status, said)
	}
}
