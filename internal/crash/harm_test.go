package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/internal/people/client"
)

// TestTake: one server is always left alone, and what is done to all of them, or
// to one of the services, is done by itself.
func TestTake(t *testing.T) {
	cl := &cluster{nodes: []*node{{name: "node1"}, {name: "node2"}, {name: "node3"}}}
	dice := people.NewDice(1)
	take := func(p part, want bool) *node {
		t.Helper()
		n, got := cl.take(p, dice)
		if got != want || (n != nil) != (got && p == aServer) {
			t.Fatalf("%s: got %v, %v, want %v", p, n, got, want)
		}
		return n
	}
	first, second := take(aServer, true), take(aServer, true)
	if first == second {
		t.Errorf("%s was taken twice", first.name)
	}
	take(aServer, false)
	take(allServers, false)
	take(theBrokers, true)
	take(theBrokers, false)
	cl.leave(aServer, first)
	cl.leave(aServer, second)
	take(allServers, true)
	take(aServer, false)
	take(allServers, false)
	take(theDB, true)
	cl.leave(allServers, nil)
	cl.leave(theBrokers, nil)
	take(aServer, true)
	take(theBrokers, true)
}

// TestWeather: whoever was connected while anything was done may be cut without
// a code, whatever has ended meanwhile.
func TestWeather(t *testing.T) {
	var out bytes.Buffer
	history := check.NewWriter(&out)
	var w weather
	w.begins(history, "broker killed")
	w.begins(history, "server paused")
	w.ends(history, "server paused", 0)
	if got := w.calm(); got != 0 {
		t.Errorf("calm for %v while a broker is gone", got)
	}
	history.Write(check.Line{What: check.Connect, Device: "d"})
	history.Write(check.Line{What: check.Connected, Device: "d"})
	history.Write(check.Line{What: check.Close, Device: "d"})
	w.ends(history, "broker killed", 0)
	history.Write(check.Line{What: check.Connect, Device: "e"})
	history.Write(check.Line{What: check.Connected, Device: "e"})
	history.Write(check.Line{What: check.Close, Device: "e"})
	if err := history.Close(); err != nil {
		t.Fatal(err)
	}
	judge := check.New()
	if err := judge.Read("history", &out); err != nil {
		t.Fatal(err)
	}
	v := judge.Verdict()
	if got := v.Broken["I20"]; got != 1 || !strings.HasPrefix(v.Violations[0].Text, "e was cut") {
		t.Errorf("got %v, want that e was cut for no reason", v.Violations)
	}
	if v.Counts.Faults["broker killed"] != 1 || v.Counts.Faults["server paused"] != 1 || len(v.Counts.Faults) != 2 {
		t.Errorf("got %v, want each fault once", v.Counts.Faults)
	}
}

// TestTogether: everything comes, each thing at least once, before anything is
// done for the second time alone.
func TestTogether(t *testing.T) {
	for seed := range uint64(20) {
		c := &campaign{dice: people.NewDice(seed)}
		todo := c.chosenHarms()
		c.shuffle(todo)
		var done []string
		for len(todo) > 0 {
			now := c.together(&todo, harms)
			if len(now) < 1 || len(now) > 3 {
				t.Fatalf("seed %d: %d things at a time", seed, len(now))
			}
			for _, h := range now {
				done = append(done, h.what)
			}
		}
		for _, h := range harms {
			if !slices.Contains(done, h.what) {
				t.Errorf("seed %d: nothing has %s", seed, h.what)
			}
		}
	}
}

// TestPossible: programs are mixed only if there are two, and servers end at
// points only if they have these.
func TestPossible(t *testing.T) {
	for _, tc := range []struct {
		opts  options
		extra []string
	}{
		{options{bin: program}, nil},
		{options{bin: program, old: program}, []string{"program exchanged", "all programs exchanged"}},
		{options{bin: faulty}, []string{"server ended at a point"}},
	} {
		c := &campaign{opts: tc.opts}
		var got []string
		for _, h := range c.possible()[len(harms):] {
			got = append(got, h.what)
		}
		if !slices.Equal(got, tc.extra) {
			t.Errorf("%+v: beside what is always done: got %q, want %q", tc.opts, got, tc.extra)
		}
	}
}

// TestClusterProvesNothing: a campaign that has not met what its harms lead to is
// not good.
func TestClusterProvesNothing(t *testing.T) {
	c := &campaign{cluster: new(cluster), crowd: people.NewCrowd(people.NewDice(1), nil), opts: options{harms: []string{"redis killed", "frames cut"}}}
	missing := c.clusterLacks()
	for _, want := range []string{redisMissed, "redis killed", peopleCut, brokerCut, databaseCut, redisCut} {
		if !slices.Contains(missing, want) {
			t.Errorf("got %q, want %q among it", missing, want)
		}
	}
	for _, other := range []string{leaderMoved, fenced, "server killed"} {
		if slices.Contains(missing, other) {
			t.Errorf("%q is missing, and nothing leads there", other)
		}
	}
	c.cluster.met.add(redisMissed, 1)
	if got := c.clusterLacks(); slices.Contains(got, redisMissed) {
		t.Errorf("got %q, and a server has missed Redis", got)
	}
}

// TestNotDone: what there was no opportunity for does not count.
func TestNotDone(t *testing.T) {
	c := &campaign{cluster: new(cluster), dice: people.NewDice(1), crowd: people.NewCrowd(people.NewDice(1), nil), history: check.NewWriter(new(bytes.Buffer))}
	c.crowd.Add(&people.Person{Name: "p"}, client.WebSocket, 1)
	h := harm{"nothing", theRedis, func(*campaign, context.Context, *node) error { return errMissed }}
	if err := c.inflict(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	if got := c.cluster.met.of("nothing"); got != 0 {
		t.Errorf("it counts as done %d times", got)
	}
	if _, taken := c.cluster.take(theRedis, c.dice); !taken {
		t.Error("Redis is still taken")
	}
}
