// Command crash kills the server under load, again and again, and checks that
// no promise is broken: `make crash`, or
//
//	go run ./internal/crash -bin bin/parley -kills 200
//
// It starts the real program on a free port with a data directory of its own
// and connects people to it (package people) over WebSocket and long-polling,
// with two devices each, some of which read slowly. Meanwhile the server
// is killed with SIGKILL, mostly right after everybody was made to send at
// once, sometimes while it is still starting; and each time, before the next
// start, a copy of its files is compared with each other. Beside them somebody
// makes accounts and rooms and renews their session all the time: in the end
// whatever was acknowledged has to be there.
//
// With -point-kills the server, built with failpoints, ends by itself in the
// middle of what it does, at every point of package failpoint in turn, at once or
// a moment later.
//
// With -sends a crowd of people, each with one device and three rooms, sends as
// fast as the limits let it, and is cut off every few seconds, until that many
// sends were acknowledged. The histories are streamed to files, and judging
// them takes time and memory in proportion to their length (about 2 GB for a
// million sends).
//
// A server that ends by itself, does not start again, or serves nobody long after
// a fault ends the campaign: that is a broken promise (I18), and the histories
// are judged by the files that it has left.
//
// In the end everybody catches up, two fresh readers dump all rooms, over REST
// and over a socket, and package check judges what was written down. A run that
// has met no unknown outcome, no retry answered duplicate or no resume that had
// missed something proves nothing and fails like one that broke a promise. The
// histories and the server's log are kept then.
//
// With -disk-full the data directory is a small tmpfs (so root is needed and
// Linux), which is filled and emptied: meanwhile sends must be refused as
// unavailable, nothing acknowledged may be lost even if the server is killed
// with the disk full, and service must be back when there is space again.
//
// With -nodes, which `make campaign` uses, there are several servers over three
// real brokers of Kafka, a real MariaDB and a real Redis, with a link of ours
// (package link) on every way between any two of them and between people and
// servers. Each thing that harm.go names is done to them at least once, up to
// three at a time, for -duration; people connect to whatever server runs. Log and
// database are read at instants in between, the log by kcat. What met.go names
// has to have been met: whatever harm did not come to that proves nothing. All the
// time sessions are ended (sessions.go), somebody is thrown out of a room or banned
// from it and comes back (members.go), people come and go of whom every server
// is asked whether they are online (lobby.go), and what comes to anybody is
// searched for words of rooms that are not theirs. In the end exactly those have
// to be online who are connected, and no server may use more than it should. With
// -old the servers begin as another program, and are exchanged for the one of
// -bin and back (exchange.go); if that was built with failpoints, servers end at
// these, too. -page writes the report as docs/campaign.md is.
//
// A SIGKILL loses nothing that the kernel has taken, so this says nothing about
// power loss; for that there is package powerloss.
package main
