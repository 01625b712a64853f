package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// pageHead says what the page is about, whatever came of a campaign.
const pageHead = `# The campaign

Written by ` + "`make campaign DURATION=1h PAGE=docs/campaign.md`" + `; only what was counted changes from run to run.

%s

People send all the time, edit, delete, read pages, leave rooms, change servers, send one message from five devices at once, or another text under a used cid, with clocks that are minutes wrong; their sessions are ended while they are connected, and they sign in anew (` + "`internal/people`" + `). Meanwhile up to three things at a time are done to what they use, each of them at least once. Every TCP connection, between people and servers and between each server and each broker, the database and Redis, goes through a proxy of ours (` + "`internal/link`" + `) that can cut it in the middle of a frame. At instants in between, and in the end, the database is read in one snapshot, and the log by ` + "`kcat`" + `, which knows nothing of our reader. In the end everybody catches up, two fresh readers dump all rooms, and ` + "`internal/check`" + ` compares what clients, database and log say, by the list in [testing.md](testing.md).

Two rooms are of a few people only. Each message there has a word that is nowhere else; everything that comes to anybody, and what servers log and tell of themselves, is searched for those words. Every second each server is asked who is in a room of everybody, where some do nothing but come and go. While something is done to anybody, and for as long afterwards as is promised (15 s after a server, a broker or the database, 10 s after Redis, 50 s after a peer that fell silent), the answer may be wrong; at any other time it has to be right.

A server starts as the program of an older version, if there is one (` + "`OLD`" + `), and is exchanged for the present one and back while people talk. With the present one are built the points at which it ends in the middle of what it does (` + "`internal/failpoint`" + `).

A campaign in which something of the second table never happened has failed, and so has one after which somebody is shown as online who is not connected, or the other way round, or a server uses more than it may.
`

const pageTail = `
## What was not done

- Power failures, full disks, truncated files and flipped bits: those are for one server, where log and database are ours (` + "`make powerloss`, `make crash`, `eventlog` TestOpenDamaged" + `); Kafka's and MariaDB's own are theirs. A server of a cluster keeps nothing on its disk that it cannot lose, and loses it here.
- Two brokers of three gone at once: then nothing can be acknowledged. ` + "`make kafka-faults`" + ` has it. Appends that are refused are forced one by one by ` + "`eventlog` (TestKafka…)" + `.
- A topic that was deleted or restored from an older copy, and retention that has passed what is stored: a server stops and says so, and goes on only when it is told to. More partitions: servers are started with the new number. ` + "`eventlog` (TestKafka…) and `server` (epochs)" + ` force these one by one.
- Clocks of servers that go wrong: a process here cannot have another one than its machine. ` + "`internal/sim`" + ` has them, those of people are wrong here.
- Too little memory, several hosts, and a network between them.
- Ten thousand people in a room, one room that takes everything: ` + "`make bench`" + `.
- People are few, so that everything they see can be judged. What many do to a server is measured by ` + "`make bench`" + `.
`

// writePage writes the report as a page of the documentation.
func (r *report) writePage(path string, opts options) error {
	var b strings.Builder
	c := &r.verdict.Counts
	verdict := "No promise was broken."
	if !r.good() {
		verdict = "**It has failed**: " + strings.Join(r.complaints(), "; ") + "."
	}
	run := fmt.Sprintf("Run on %s for %v, of which %v under harm, on a machine with %d processors (%s/%s), with the seed %d: %d servers, %d brokers of Apache Kafka with %d partitions (three copies, two in sync), MariaDB, Redis, and %d devices of %d people. %s",
		time.Now().UTC().Format(time.DateOnly), r.took.Round(time.Second), opts.duration, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, r.seed,
		opts.nodes, brokers, partitions, opts.clients, (opts.clients+1)/2, verdict)
	fmt.Fprintf(&b, pageHead, run)
	b.WriteString("\n## What was done\n\n")
	writeTable(&b, "harm", r.cluster.done)
	b.WriteString("\n## What came of it\n\n")
	met := maps.Clone(r.cluster.met)
	met["send acknowledged"], met[unknown], met[duplicate] = c.SendsOK, c.SendsUnknown, c.RetriesDuplicate
	met["resume that had missed something"], met["socket whose session was ended"] = c.ResumesMissed, c.Closes["revoked"]
	maps.Copy(met, r.cluster.others)
	writeTable(&b, "met", met)
	b.WriteString("\n## What was judged\n\n")
	writeTable(&b, "", map[string]int{
		"lines of history": c.Lines, "attempts to send": c.Attempts, "events in the end": c.Final, "of these void": c.FinalVoids,
		"events given to devices": c.Events + c.Resumed, "resumes": c.Resumes, "pages": c.Pages, "edits and deletions": c.Changes,
		"snapshots of database and log": c.Snapshots, "messages once unknown that are there": c.UnknownVisible,
		"words of private rooms, where they may be": c.WordsSeen, "searches for them where they may not be": c.Searches,
		"sessions ended": c.Revoked, "questions who is online": c.Looks,
		"people in the answers who had to be online": c.Shown, "people who had to be offline": c.Absent,
		"messages once unknown that never were": c.UnknownLost, "accounts with a room made meanwhile": r.founded,
	})
	fmt.Fprintf(&b, "\nFrom the end of what was done to the next acknowledgement it took %v at most.\n", r.slowest.Round(time.Millisecond))
	p := &r.cluster.presence
	fmt.Fprintf(&b, "\nWho was online was right on every server %v after some people had gone (%v are allowed), and %v after the server of somebody was killed (%v).\n",
		p.gone.Round(time.Millisecond), presenceTime, p.ghost.Round(time.Millisecond), ghostTime)
	u := &r.cluster.bounds
	fmt.Fprintf(&b, "\nA server used at most %v, and in the end %v; %v are allowed.\n", u.most, u.last, allowed)
	b.WriteString(pageTail)
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// complaints is why the campaign is not good.
func (r *report) complaints() (all []string) {
	for _, v := range r.verdict.Violations {
		all = append(all, v.String())
	}
	all = append(all, r.problems...)
	for _, missing := range r.unproven {
		all = append(all, "there was no "+missing)
	}
	return all
}

// writeTable writes counts, in the order of their names.
func writeTable(b *strings.Builder, title string, counts map[string]int) {
	fmt.Fprintf(b, "| %s | times |\n| --- | ---: |\n", cmp.Or(title, "what"))
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(b, "| %s | %d |\n", what, counts[what])
	}
}
