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

People send all the time, edit, delete, read pages, leave rooms, change servers, send one message from two devices at once, or another text under a used cid (` + "`internal/people`" + `). Meanwhile up to three things at a time are done to what they use, each of them at least once. Every TCP connection, between people and servers and between each server and each broker, the database and Redis, goes through a proxy of ours (` + "`internal/link`" + `) that can cut it in the middle of a frame. At instants in between, and in the end, the database is read in one snapshot, and the log by ` + "`kcat`" + `, which knows nothing of our reader. In the end everybody catches up, two fresh readers dump all rooms, and ` + "`internal/check`" + ` compares what clients, database and log say, by the list in [testing.md](testing.md).

A campaign in which something of the second table never happened has failed, and so has one after which somebody is shown as online who is not connected, or the other way round, or a server uses more than it may.
`

const pageTail = `
## What was not done

- Power failures, full disks and damaged files: those are for one server, where the log is ours (` + "`make powerloss`, `make crash`" + `); Kafka's own are Kafka's.
- Two brokers of three gone at once: then nothing can be acknowledged. ` + "`make kafka-faults`" + ` has it.
- A topic that was deleted, restored from an older copy, or given more partitions; clocks that go wrong; several hosts, and a network between them. Tests force these one by one: ` + "`eventlog` (TestKafka…), `server` (clocks, epochs), `internal/sim`" + `.
- Old and new programs side by side.
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
	met["resume that had missed something"] = c.ResumesMissed
	writeTable(&b, "met", met)
	b.WriteString("\n## What was judged\n\n")
	writeTable(&b, "", map[string]int{
		"lines of history": c.Lines, "attempts to send": c.Attempts, "events in the end": c.Final, "of these void": c.FinalVoids,
		"events given to devices": c.Events + c.Resumed, "resumes": c.Resumes, "pages": c.Pages, "edits and deletions": c.Changes,
		"snapshots of database and log": c.Snapshots, "messages once unknown that are there": c.UnknownVisible,
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
