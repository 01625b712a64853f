package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
)

// What harm leads to, as the report names it.
const (
	peopleCut     = "frame cut between people and a server"
	brokerCut     = "frame cut between a server and a broker"
	databaseCut   = "frame cut between a server and the database"
	redisCut      = "frame cut between a server and Redis"
	leaderMoved   = "partition led by another broker"
	redisMissed   = "server without Redis"
	fenced        = "recorder fenced"
	copyVoided    = "copy voided"
	unknown       = "send of unknown outcome"
	connectionCut = "connection cut"
	duplicate     = "retry answered duplicate"
	moved         = "resume at another server that had missed something"
	handedOver    = "partition recorded by another server"
	databaseGone  = "recorder that waited for the database"
	databaseFull  = "connection that the database had no room for"
	commitLost    = "commit whose answer was lost"
	evicted       = "Redis that threw keys away"
	poisoned      = "key of Redis that was made nonsense"
	slowClosed    = "reader closed as slow"
	sideBySide    = "old and new program side by side"
)

// Lines by which a server tells in its log what cannot be seen from outside.
const (
	fencedLine = "somebody else recorded a partition"
	waitedLine = "the recorder goes on"
)

// wanted are what a campaign has to have met, if the harms of it lead there:
// without that it has failed.
var wanted = map[string][]string{
	peopleCut: {"frames cut"}, brokerCut: {"frames cut"}, databaseCut: {"frames cut"}, redisCut: {"frames cut"},
	leaderMoved:   {"broker killed", "broker paused"},
	redisMissed:   {"redis killed"},
	handedOver:    {"server killed", "server restarted", "recorder overtaken", "rolling restart"},
	fenced:        {"recorder overtaken"},
	databaseGone:  {"database killed", "database read-only"},
	copyVoided:    {"server killed", "everybody cut"},
	moved:         {"server killed", "everybody cut"},
	unknown:       {"server killed", "everybody cut"},
	connectionCut: {"server killed", "everybody cut"},
	duplicate:     {"server killed", "everybody cut"},
	databaseFull:  {"database crowded"}, commitLost: {"commits' answers lost"},
	evicted: {"redis evicting"}, poisoned: {"redis poisoned"}, slowClosed: {"reader stalled"},
	sideBySide: {"program exchanged", "all programs exchanged"},
}

// clusterMet is how often each effect was met so far.
func (c *campaign) clusterMet() (map[string]int, error) {
	met := c.cluster.met.all()
	n := c.crowd.Progress.Now()
	met[moved], met[unknown], met[duplicate] = n.Moved, n.Unknown, n.Duplicates
	met[connectionCut] = n.Cut
	met[copyVoided] = c.files.Voids()["copy"]
	for _, node := range c.cluster.nodes {
		log, err := os.ReadFile(node.log.Name())
		if err != nil {
			return nil, err
		}
		met[fenced] += bytes.Count(log, []byte(fencedLine))
		met[databaseGone] += bytes.Count(log, []byte(waitedLine))
	}
	return met, nil
}

// clusterLacks is what the campaign has to meet and has not met yet.
func (c *campaign) clusterLacks() (missing []string) {
	met, err := c.clusterMet()
	if err != nil {
		return []string{err.Error()}
	}
	chosen := c.chosenHarms()
	for _, effect := range slices.Sorted(maps.Keys(wanted)) {
		if met[effect] == 0 && slices.ContainsFunc(chosen, func(h harm) bool { return slices.Contains(wanted[effect], h.what) }) {
			missing = append(missing, effect)
		}
	}
	for _, h := range chosen {
		if met[h.what] == 0 {
			missing = append(missing, h.what)
		}
	}
	return missing
}

// readClusterLogs looks for errors in the servers' logs.
func (c *campaign) readClusterLogs() error {
	for _, n := range c.cluster.nodes {
		log, err := os.Open(n.log.Name())
		if err != nil {
			return err
		}
		lines := bufio.NewScanner(log)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if isError(lines.Bytes()) {
				c.problem("the log of %s has an error: %.500s", n.name, lines.Bytes())
			}
		}
		if err := errors.Join(lines.Err(), log.Close()); err != nil {
			return err
		}
	}
	return nil
}

// clusterReport is what was done to a cluster and what came of it.
type clusterReport struct {
	nodes    int
	done     map[string]int // by harm
	met      map[string]int // by effect
	others   map[string]int // what else was counted
	presence presenceSeen
	bounds   bounds
}

func (c *campaign) clusterReport() (*clusterReport, error) {
	if c.cluster == nil {
		return nil, nil
	}
	met, err := c.clusterMet()
	if err != nil {
		return nil, err
	}
	r := &clusterReport{
		nodes: len(c.cluster.nodes), done: make(map[string]int), met: make(map[string]int), others: met,
		presence: c.cluster.presence, bounds: c.cluster.bounds,
	}
	for _, h := range c.possible() {
		r.done[h.what] = met[h.what]
		delete(met, h.what)
	}
	for effect, by := range wanted {
		if !slices.ContainsFunc(c.chosenHarms(), func(h harm) bool { return slices.Contains(by, h.what) }) {
			continue // nothing leads there
		}
		r.met[effect] = met[effect]
		delete(met, effect)
	}
	return r, nil
}

// text is the report for people.
func (r *clusterReport) text() (lines []string) {
	for _, part := range []struct {
		title  string
		counts map[string]int
	}{{"done", r.done}, {"met", r.met}, {"besides", r.others}} {
		for _, what := range slices.Sorted(maps.Keys(part.counts)) {
			lines = append(lines, fmt.Sprintf("%-9s %-55s %6d times", part.title, what, part.counts[what]))
		}
	}
	return append(append(lines, r.presence.text()...), r.bounds.text()...)
}
