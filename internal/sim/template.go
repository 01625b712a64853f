package sim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/protocol"
)

// How many accounts and rooms a template has.
const (
	templatePeople = 8
	templateRooms  = 4
	// deepMessages are in the last room: more than a node keeps in memory, so
	// that who begins there is given what the store has, and just fewer than a
	// resume gives at once, so that this is its last part, mostly.
	deepMessages = chat.MaxResumeEvents - 20
)

// template is a data directory with accounts, sessions and rooms, made once:
// hashing passwords is slow on purpose.
type template struct {
	dir    string
	people []person // the last one only reads
	rooms  []int64
	said   []check.Line // sends and answers of the last room, if it is deep
}

// person is somebody with an account.
type person struct {
	id    int64
	name  string
	token string
}

// scratch is where files are quick to make and to forget.
func scratch() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return os.TempDir()
}

// newTemplates makes two templates, the second one with a deep room.
func newTemplates(t *testing.T, dir string) (plain, deep *template) {
	plain = &template{dir: filepath.Join(dir, "plain")}
	prepare(t, plain, func(ctx context.Context, r *run) error { return plain.enroll(ctx, r) })
	deep = &template{dir: filepath.Join(dir, "deep"), people: plain.people, rooms: plain.rooms}
	if err := copyDir(plain.dir, deep.dir); err != nil {
		t.Fatal(err)
	}
	prepare(t, deep, func(ctx context.Context, r *run) error { return deep.fill(ctx, r) })
	return plain, deep
}

// prepare lets a node run on a template's directory, in a bubble of its own. Its
// time begins at the same moment as that of every run: sessions that are made
// here are good in all of them.
func prepare(t *testing.T, tmpl *template, do func(context.Context, *run) error) {
	if err := os.MkdirAll(tmpl.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRun(Options{}, tmpl.dir, tmpl)
		defer r.end()
		n, err := r.startNode(t.Context(), tmpl.dir)
		if err != nil {
			t.Fatal(err)
		}
		r.node.Store(n)
		err = do(t.Context(), r)
		r.node.Store(nil)
		if err := errors.Join(err, n.stop()); err != nil {
			t.Fatalf("make the template %s: %v", tmpl.dir, err)
		}
	})
}

// enroll makes the accounts and the rooms.
func (tmpl *template) enroll(ctx context.Context, r *run) error {
	for i := range templatePeople + 1 {
		p := person{name: fmt.Sprintf("p%d", i+1)}
		var in protocol.SignedIn
		credentials := protocol.Credentials{Email: p.name + "@example.org", Password: "correct horse battery"}
		if err := r.near.Call(ctx, base, "", http.MethodPost, "/api/v1/register", credentials, &in); err != nil {
			return err
		}
		p.id, p.token = in.User.ID, in.Token
		tmpl.people = append(tmpl.people, p)
	}
	for i := range templateRooms {
		var room protocol.RoomInfo
		if err := r.near.Call(ctx, base, tmpl.people[0].token, http.MethodPost, "/api/v1/rooms", protocol.CreateRoom{Name: fmt.Sprintf("Room %d", i+1)}, &room); err != nil {
			return err
		}
		tmpl.rooms = append(tmpl.rooms, room.ID)
	}
	return nil
}

// deep is the room that a deep template has filled.
func (tmpl *template) deep() int64 { return tmpl.rooms[len(tmpl.rooms)-1] }

// fill makes the last room deep.
func (tmpl *template) fill(ctx context.Context, r *run) error {
	path := fmt.Sprintf("/api/v1/rooms/%d/messages", tmpl.deep())
	p := tmpl.people[0]
	for i := range int64(deepMessages) {
		request := protocol.SendRequest{MessageText: fmt.Sprintf("long ago %d", i), CID: fmt.Sprintf("deep-%d", i)}
		var ack protocol.SendAck
		for {
			err := r.near.Call(ctx, base, p.token, http.MethodPost, path, request, &ack)
			var refused *people.RefusedError
			if errors.As(err, &refused) && refused.Code == "rate_limited" {
				people.Pause(ctx, people.After(refused.RetryAfter))
				continue
			}
			if err != nil {
				return err
			}
			break
		}
		sent := check.Event{CID: request.CID, User: p.id, Hash: check.Hash(request.MessageText)}
		placed := check.Event{Seq: ack.Seq, ID: ack.ID, Cursor: ack.Cursor}
		tmpl.said = append(tmpl.said,
			check.Line{What: check.Send, Device: "before", Room: tmpl.deep(), Event: sent},
			check.Line{What: check.Answered, Device: "before", Room: tmpl.deep(), Event: placed, Outcome: check.OK, At: ack.At})
	}
	return nil
}

// recall writes down what was said in the deep room.
func (tmpl *template) recall(history *check.Writer) {
	for i := 0; i < len(tmpl.said); i += 2 {
		call := history.Call()
		for _, line := range tmpl.said[i : i+2] {
			line.Call = call
			history.Write(line)
		}
	}
}
