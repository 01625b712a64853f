package server_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/parleychat/parley/internal/powerloss"
	"github.com/parleychat/parley/server"
)

// promises is what a server has acknowledged, each with the moment at which it
// had.
type promises struct {
	disk *powerloss.Disk

	mu       sync.Mutex
	accounts []accountPromise
	messages []messagePromise
	trims    []int // the moments after a trim
}

type accountPromise struct {
	from      int
	email     string
	token     string
	room      string // path
	roomFrom  int
	ended     string // the token of a session that was signed out
	endedFrom int
}

type messagePromise struct {
	from  int
	owner string // token
	room  string
	seq   int
	id    string
	text  string
}

// people makes accounts, rooms and messages, and ends sessions.
func (p *promises) people(n *node, group, many int) {
	for i := range many {
		a := accountPromise{email: fmt.Sprintf("p%d.%d@example.org", group, i)}
		c := n.join(a.email)
		a.from, a.token = p.disk.Now(), c.token
		other := n.client()
		var in struct{ Token string }
		other.do("POST", "/api/v1/login", credentials(a.email)).want(http.StatusOK).into(&in)
		other.token = in.Token
		a.room = c.room(fmt.Sprintf("Room %d %d", group, i))
		a.roomFrom = p.disk.Now()
		for k := range 10 {
			m := messagePromise{owner: c.token, room: a.room, text: fmt.Sprintf("text %d", k)}
			var said struct {
				ID  string
				Seq int
			}
			c.say(a.room, m.text).into(&said)
			m.from, m.id, m.seq = p.disk.Now(), said.ID, said.Seq
			p.mu.Lock()
			p.messages = append(p.messages, m)
			p.mu.Unlock()
		}
		if i%2 == 1 {
			// What is stored by now, and may not be forced to the disk yet, is
			// forgotten by the log.
			if err := n.TrimNow(n.t.Context()); err != nil {
				n.t.Error(err)
			}
			p.mu.Lock()
			p.trims = append(p.trims, p.disk.Now())
			p.mu.Unlock()
		}
		other.do("POST", "/api/v1/logout", nil).want(http.StatusNoContent)
		a.ended, a.endedFrom = other.token, p.disk.Now()
		p.mu.Lock()
		p.accounts = append(p.accounts, a)
		p.mu.Unlock()
	}
}

// TestPowerLoss: whenever the power fails, and whatever a disk makes of writes
// that were not forced, a server starts from what the disk has, and has every
// account, session, room and message that it ever acknowledged.
func TestPowerLoss(t *testing.T) {
	cfg := config(t)
	if err := os.Mkdir(cfg.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	disk, stop, err := powerloss.Watch(cfg.Data)
	if errors.Is(err, powerloss.ErrPlatform) {
		t.Skipf("SKIPPED: power loss: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	p := &promises{disk: disk}
	for life := range 2 {
		n := start(t, cfg)
		var people sync.WaitGroup
		for group := range 2 {
			people.Go(func() { p.people(n, 2*life+group, 3) })
		}
		people.Wait()
		n.stop()
	}
	key, err := os.ReadFile(filepath.Join(cfg.Data, "jwt.key"))
	if err != nil {
		t.Fatal(err)
	}
	dice := rand.New(rand.NewPCG(1, 1))
	moments := append(powerloss.Moments(disk, dice, 6), p.trims...)
	for _, moment := range moments {
		loss := powerloss.AnyLoss(dice)
		if slices.Contains(p.trims, moment) {
			loss = powerloss.LoseAll
		}
		image := cfg
		image.Data = filepath.Join(t.TempDir(), "image")
		if err := errors.Join(os.Mkdir(image.Data, 0o700),
			disk.Image(moment, loss, dice, image.Data),
			os.WriteFile(filepath.Join(image.Data, "jwt.key"), key, 0o600)); err != nil {
			t.Fatal(err)
		}
		p.check(t, image, moment)
		if t.Failed() {
			t.Fatalf("at moment %d of %d, loss %d", moment, disk.Now(), loss)
		}
	}
	t.Logf("%d images of %d moments, %d of them after an fsync", len(moments), disk.Now(), len(disk.Syncs()))
}

// check starts a server from an image and looks for everything that was
// promised up to a moment.
func (p *promises) check(t *testing.T, cfg server.Config, moment int) {
	t.Helper()
	n := start(t, cfg)
	defer n.stop()
	c := n.client()
	signIn := ""
	for _, a := range p.accounts {
		if a.from > moment {
			continue
		}
		c.token, signIn = a.token, cmp.Or(signIn, a.email)
		c.do("GET", "/api/v1/me", nil).want(http.StatusOK)
		if a.roomFrom <= moment {
			c.do("GET", a.room, nil).want(http.StatusOK)
		}
		if a.endedFrom <= moment {
			c.token = a.ended
			c.do("GET", "/api/v1/me", nil).want(http.StatusUnauthorized)
		}
	}
	if signIn != "" {
		c.token = ""
		c.do("POST", "/api/v1/login", credentials(signIn)).want(http.StatusOK)
	}
	pages := make(map[string][]messagePromise)
	for _, m := range p.messages {
		if m.from > moment {
			continue
		}
		if pages[m.room] == nil {
			c.token = m.owner
			pages[m.room] = c.page(m.room)
		}
		there := slices.ContainsFunc(pages[m.room], func(other messagePromise) bool {
			return other.seq == m.seq && other.id == m.id && other.text == m.text
		})
		if !there {
			t.Errorf("message %d of %s is gone; there are %+v", m.seq, m.room, pages[m.room])
		}
	}
}

// page reads a room's latest messages.
func (c *client) page(room string) (messages []messagePromise) {
	c.t.Helper()
	var page struct {
		Events []struct {
			ID, MessageText string
			Seq             int
		}
	}
	c.do("GET", room+"/messages?limit=200", nil).want(http.StatusOK).into(&page)
	for _, ev := range page.Events {
		messages = append(messages, messagePromise{seq: ev.Seq, id: ev.ID, text: ev.MessageText})
	}
	return messages
}
