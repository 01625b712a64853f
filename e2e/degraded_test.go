package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleychat/parley/e2e/rig"
	"github.com/parleychat/parley/protocol"
)

// degraded is a cluster of two servers whose services are harmed.
type degraded struct {
	t           *testing.T
	env         []string
	within      time.Duration // how long a refusal may take
	here, there *rig.Server

	owner, ann, bobPerson, cy, gus, hana *rig.Person
	signers                              []*rig.Person
	leavers                              []*rig.Person // one for each turn

	room, long         int64
	cursor, longCursor string
	attics             []int64     // rooms that nobody has open, one for each turn
	bob                *rig.Socket // on the other server
	elsewhere          *rig.Socket // of hana, on the other server
	turn               int

	mu     sync.Mutex
	texts  int
	said   []string
	unsure []unsure
}

// unsure is a message whose sender was told unknown.
type unsure struct{ text, cid string }

const (
	firstWords = "first words"
	// turns is how often all abilities are tried at most.
	turns = 24
	// longAgo is how many messages a room has of which the first are not in
	// memory.
	longAgo   = 300
	guestHere = "guest" // the socket of gus
)

// awayVariable names how long a service has been away before people try what
// still works; nothing: as soon as a server has noticed.
const awayVariable = "PARLEY_DEGRADED_FOR"

// TestDegraded: while Kafka, the database or Redis is late, gone, silent or
// slow, people can do what docs/degraded.md says, and are told what to do when
// they cannot. When it is back, everything works, and what was sent with an
// unknown outcome stands there once.
func TestDegraded(t *testing.T) {
	table := readDegradedTable(t)
	all, env := dependencies(t)
	d := &degraded{t: t, env: env, within: durationFrom(t, withinVariable, leniency*readPromise(t))}
	d.begin()
	away := durationFrom(t, awayVariable, 0)
	for _, dep := range all {
		t.Run(dep.name, func(t *testing.T) {
			d.t = t
			at := d.sitDown()
			d.compare(table, dep, "back", at)
			at.leave()
			for _, fault := range []struct {
				name  string
				cause func()
			}{{"gone", dep.gone}, {"silent", dep.silent}, {"slow", dep.slow}} {
				at := d.sitDown()
				fault.cause()
				if fault.name != "slow" {
					for _, server := range []*rig.Server{d.here, d.there} {
						awaitPart(t, server, dep.part, true)
						awaitMetric(t, server, dep.part, 0)
					}
				}
				time.Sleep(away)
				d.compare(table, dep, fault.name, at)
				at.leave()
				if fault.name == "gone" {
					d.lateServer(table, dep)
				} else {
					dep.back()
				}
				d.recover(dep)
				at = d.sitDown()
				d.compare(table, dep, "back", at)
				at.leave()
			}
		})
	}
}

// withinVariable names how long people may wait for a refusal at most, when
// that is not what docs/degraded.md promises times [leniency].
const withinVariable = "PARLEY_DEGRADED_WITHIN"

// leniency is how many times as long as promised everything may take on a
// machine that has other things to do. The server's own time limits are far
// below what is promised; what comes on top is waiting for the processor.
const leniency = 3

func durationFrom(t *testing.T, variable string, otherwise time.Duration) time.Duration {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return d
}

func (d *degraded) serve(node string) *rig.Server {
	return rig.NewServer(d.t, rig.WithEnv(append(slices.Clone(d.env), "PARLEY_NODE_ID="+node, adminListen+rig.FreeAddr(d.t))...))
}

// begin starts the servers, and makes people and rooms.
func (d *degraded) begin() {
	d.here, d.there = d.serve("here"), d.serve("there")
	d.here.Start()
	d.there.Start()
	link := regexp.MustCompile(`#token=([\w-]+)`).FindStringSubmatch(d.here.Log())
	if link == nil {
		d.t.Fatalf("the server prints no link to set up:\n%s", d.here.Log())
	}
	people := d.here.People("olive", "ann", "bob", "cy", "gus", "hana", "sid", "sue", "sam")
	d.owner, d.ann, d.bobPerson, d.cy, d.gus, d.hana = people[0], people[1], people[2], people[3], people[4], people[5]
	d.signers = people[6:]
	d.leavers = d.here.Crowd("leaver", turns)
	d.owner.Call(nil, http.MethodPost, "/api/v1/setup", protocol.Setup{Token: link[1], Email: d.owner.Email, Password: d.owner.Password})

	d.room = createAtLast(d.t, d.ann, "open")
	d.long = createAtLast(d.t, d.cy, "long")
	for i := range turns {
		d.attics = append(d.attics, createAtLast(d.t, d.cy, fmt.Sprint("attic ", i)))
	}
	d.fillLong(people)
	// From here on no room is open but those that people enter.
	d.here.Restart()
	d.there.Restart()
	d.bob = d.there.As(d.bobPerson).Connect()
	d.bob.Join(d.room)
	first := d.bob.Say(d.room, firstWords)
	d.cursor = d.page(d.room).Events[0].Cursor
	if first.Cursor == d.cursor {
		d.t.Fatal("there is nothing behind the cursor")
	}
	d.longCursor = d.page(d.long).Head.Cursor
	for _, p := range []*rig.Person{d.cy, d.gus, d.hana} {
		socket := d.there.As(p).Connect()
		socket.Join(d.room)
		socket.Leave()
	}
}

func (d *degraded) page(room int64) rig.Page { return d.here.As(d.cy).Page(room, "?limit=200") }

// fillLong lets people say more than is kept in memory.
func (d *degraded) fillLong(people []*rig.Person) {
	rig.Together(d.t, len(people), func(i int) error {
		socket, err := people[i].TryConnect(d.t)
		if err != nil {
			return err
		}
		defer socket.Cut()
		if err := socket.TryAsk(new(protocol.JoinAck), protocol.JoinRoom, protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomID: d.long}}); err != nil {
			return err
		}
		for n := range longAgo / len(people) {
			if _, err := socket.SayAtLast(d.long, fmt.Sprintf("%d %d", i, n), rig.NewCID()); err != nil {
				return err
			}
		}
		return nil
	})
}

// sit lets people sit down at a server.
func (d *degraded) sit(server *rig.Server) *seat {
	at := &seat{server: server, sockets: make(map[string]*rig.Socket)}
	for name, who := range map[string]*rig.Person{
		"send": d.ann, "live": d.ann, "latest": d.ann, "end": d.ann, "old": d.cy, "open": d.cy, "mark": d.ann,
		"here": d.ann, "elsewhere": d.ann, "watch here": d.ann, "watch elsewhere": d.ann, "cy writes": d.cy, guestHere: d.gus,
	} {
		socket, err := server.As(who).TryConnect(d.t)
		if err != nil {
			at.refused = err
			return at
		}
		if err := socket.TryAsk(new(protocol.JoinAck), protocol.JoinRoom, protocol.JoinRequest{RoomRef: protocol.RoomRef{RoomID: d.room}}); err != nil {
			at.refused = err
			return at
		}
		at.sockets[name] = socket
	}
	return at
}

func (s *seat) leave() {
	for _, socket := range s.sockets {
		socket.Cut()
	}
}

// sitDown lets people sit down anew where they are seen by everybody.
func (d *degraded) sitDown() *seat {
	d.t.Helper()
	at := d.sit(d.here)
	if at.refused != nil {
		d.t.Fatalf("nobody can sit down while nothing is wrong: %v", at.refused)
	}
	d.elsewhere = d.there.As(d.hana).Connect()
	want := []string{"ann", "bob", "cy", "gus", "hana"}
	word := d.online(at, "here", func(names []string) string {
		slices.Sort(names)
		if slices.Equal(names, want) {
			return done
		}
		return ""
	})
	if word != done {
		d.t.Fatalf("online are %s, want %q", word, want)
	}
	return at
}

// compare tries all abilities at once and compares what became of each with the
// table's column.
func (d *degraded) compare(table degradedTable, dep *dependency, column string, at *seat) {
	d.t.Helper()
	defer func() { d.turn++ }()
	words, took := make([]string, len(abilities)), make([]time.Duration, len(abilities))
	var trying sync.WaitGroup
	for i, ability := range abilities {
		trying.Go(func() {
			begun := time.Now()
			words[i] = ability.try(d, at)
			took[i] = time.Since(begun)
		})
	}
	trying.Wait()
	for i, ability := range abilities {
		if want := table[dep.name][column][ability.name]; words[i] != want {
			d.t.Errorf("%s, %s: %q: got %s after %v, docs/degraded.md says %q", dep.name, column, ability.name, words[i], took[i].Round(time.Millisecond), want)
		}
		if slices.Contains(refused, words[i]) && took[i] > d.within {
			d.t.Errorf("%s, %s: %q: was told %s after %v, which may take %v", dep.name, column, ability.name, words[i], took[i].Round(time.Millisecond), d.within)
		}
		if took[i] > time.Second {
			d.t.Logf("%s: %s: %s after %v", column, ability.name, words[i], took[i].Round(time.Millisecond))
		}
	}
}

// refused are the words for what was not done, and that has to be said soon.
var refused = []string{"unavailable", starting}

// lateServer starts a server while the service is gone, and then lets the
// service come back.
func (d *degraded) lateServer(table degradedTable, dep *dependency) {
	d.t.Helper()
	late := d.serve("late")
	late.Launch()
	rig.Eventually(d.t, "an answer of the late server", func() bool {
		status, _ := readinessOf(late)
		return status != 0
	})
	awaitPart(d.t, late, dep.part, true)
	at := d.sit(late)
	d.compare(table, dep, "late at start", at)
	at.leave()
	dep.back()
	late.AwaitReady()
	ann := late.As(d.ann).Connect()
	text := d.newText()
	if _, err := ann.SayAtLast(d.room, text, rig.NewCID()); err != nil {
		d.t.Errorf("at the server that was late: %v", err)
	}
	d.bob.AwaitText(d.room, text)
	late.Stop()
}

// recover waits until nothing is wrong any more, and lets everybody send again
// what they were not told the outcome of. All of it is there, once.
func (d *degraded) recover(dep *dependency) {
	d.t.Helper()
	awaitPart(d.t, d.here, dep.part, false)
	awaitPart(d.t, d.there, dep.part, false)
	awaitMetric(d.t, d.here, dep.part, 1)
	ann := d.here.As(d.ann).Connect()
	defer ann.Cut()
	for _, message := range d.unsure {
		if _, err := ann.SayAtLast(d.room, message.text, message.cid); err != nil {
			d.t.Errorf("%q, whose outcome was unknown, sent again: %v", message.text, err)
		}
		d.said = append(d.said, message.text)
	}
	d.unsure = nil
	last := d.newText()
	ann.Say(d.room, last)
	d.bob.AwaitText(d.room, last)
	events := d.bob.InRoom(d.room)
	if err := rig.Contiguous(events); err != nil {
		d.t.Error(err)
	}
	times := make(map[string]int)
	for _, text := range rig.Texts(events) {
		times[text]++
	}
	for _, text := range d.said {
		if times[text] != 1 {
			d.t.Errorf("bob got %q %d times, want once", text, times[text])
		}
	}
}

// readPromise reads in docs/degraded.md how long a refusal takes at most.
func readPromise(t *testing.T) time.Duration {
	t.Helper()
	promise := regexp.MustCompile(`\| unavailable \| .*\(at most (\d+)\)`).FindStringSubmatch(readDegraded(t))
	if promise == nil {
		t.Fatal("docs/degraded.md does not say how long a refusal takes at most")
	}
	seconds, err := strconv.Atoi(promise[1])
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(seconds) * time.Second
}

func readDegraded(t *testing.T) string {
	t.Helper()
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "docs", "degraded.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// degradedTable has the word of each cell by service, column and row.
type degradedTable map[string]map[string]map[string]string

// readDegradedTable reads docs/degraded.md, in which each service has a heading
// and a table, whose rows have to be the abilities.
func readDegradedTable(t *testing.T) degradedTable {
	t.Helper()
	table := make(degradedTable)
	var name string
	var columns, rows []string
	var want []string
	for _, ability := range abilities {
		want = append(want, ability.name)
	}
	check := func() {
		if rows != nil && !slices.Equal(rows, want) {
			t.Errorf("the table %s of docs/degraded.md has the rows\n%q, want\n%q", name, rows, want)
		}
		columns, rows = nil, nil
	}
	for line := range strings.Lines(readDegraded(t)) {
		line = strings.TrimSpace(line)
		if heading, found := strings.CutPrefix(line, "## "); found {
			check()
			name = heading
			continue
		}
		if !strings.HasPrefix(line, "|") || name == "" {
			continue // the words are explained before the first heading
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "*")
		}
		switch {
		case strings.HasPrefix(cells[0], "---"):
		case columns == nil:
			columns = cells
			table[name] = make(map[string]map[string]string)
			for _, column := range columns[1:] {
				table[name][column] = make(map[string]string)
			}
		default:
			rows = append(rows, cells[0])
			for i, cell := range cells[1:] {
				table[name][columns[i+1]][cells[0]] = cell
			}
		}
	}
	check()
	return table
}
