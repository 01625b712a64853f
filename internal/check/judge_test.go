package check

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCleanHistoriesPass: what a server without faults does breaks nothing.
func TestCleanHistoriesPass(t *testing.T) {
	var met Counts
	for seed := range uint64(80) {
		v := judge(t, newWorld(seed).history(250))
		if !v.OK() {
			t.Fatalf("seed %d: got %v, want no violation", seed, v.Violations)
		}
		met.SendsUnknown += v.Counts.SendsUnknown
		met.RetriesDuplicate += v.Counts.RetriesDuplicate
		met.ResumesMissed += v.Counts.ResumesMissed
		met.FinalVoids += v.Counts.FinalVoids
		met.Gaps += v.Counts.Gaps
		met.StoredBehind += v.Counts.StoredBehind
	}
	for what, n := range map[string]int{
		"unknown outcomes": met.SendsUnknown, "duplicates": met.RetriesDuplicate, "resumes": met.ResumesMissed,
		"voids": met.FinalVoids, "gaps": met.Gaps, "snapshots behind": met.StoredBehind,
	} {
		if n == 0 {
			t.Errorf("no history had %s: nothing was tested of them", what)
		}
	}
}

// mutation breaks one promise in a clean history.
type mutation struct {
	name string
	want string // the invariant that has to catch it
	// breaks changes the lines, of which i fits, and returns them.
	fits   func(lines []Line, i int) bool
	breaks func(lines []Line, i int) []Line
}

// is fits lines of a kind.
func is(what What, also ...func(*Line) bool) func([]Line, int) bool {
	return func(lines []Line, i int) bool {
		if lines[i].What != what {
			return false
		}
		for _, f := range also {
			if !f(&lines[i]) {
				return false
			}
		}
		return true
	}
}

func (o Outcome) of(l *Line) bool { return l.Outcome == o }

func isLive(l *Line) bool    { return l.Phase == Live }
func isResume(l *Line) bool  { return l.Phase == Resume }
func isMessage(l *Line) bool { return l.Kind == KindMessage }
func effective(l *Line) bool { return l.Void == "" && l.Kind == KindMessage }

// then fits lines whose next line fits too.
func then(first, next func([]Line, int) bool) func([]Line, int) bool {
	return func(lines []Line, i int) bool {
		return i+1 < len(lines) && lines[i].Device == lines[i+1].Device && lines[i].Room == lines[i+1].Room &&
			first(lines, i) && next(lines, i+1)
	}
}

// once fits lines of which the event, that of the line so many behind, comes only
// once to that device: not to one that asked again for what it had.
func once(fits func([]Line, int) bool, behind int) func([]Line, int) bool {
	return func(lines []Line, i int) bool {
		if !fits(lines, i) {
			return false
		}
		ev, times := &lines[i+behind], 0
		for k := range lines {
			if l := &lines[k]; l.What == Got && l.Device == ev.Device && l.Room == ev.Room && l.Seq == ev.Seq {
				times++
			}
		}
		return times == 1
	}
}

func drop(lines []Line, i int) []Line { return slices.Delete(lines, i, i+1) }

func swapNext(lines []Line, i int) []Line {
	lines[i].Event, lines[i+1].Event = lines[i+1].Event, lines[i].Event
	return lines
}

func change(f func(*Line)) func([]Line, int) []Line {
	return func(lines []Line, i int) []Line {
		f(&lines[i])
		return lines
	}
}

// ofSend finds the attempt that a line answers.
func ofSend(lines []Line, answer int) int {
	return slices.IndexFunc(lines, func(l Line) bool { return l.What == Send && l.Call == lines[answer].Call })
}

// everywhere drops a message from everything but its sender's own lines: the
// server has lost it, and numbers what follows as if it had never been.
func lose(lines []Line, i int) []Line {
	room, seq := lines[i].Room, lines[i].Seq
	return slices.DeleteFunc(lines, func(l Line) bool {
		return l.Room == room && l.Seq == seq && (l.What == Final || l.What == Got)
	})
}

// shows makes readers see a message at the end of a room.
func shows(lines []Line, room int64, ev Event) []Line {
	var readers []string
	head := uint64(0)
	for i := range lines {
		if l := &lines[i]; l.What == Final && l.Room == room {
			head = max(head, l.Seq)
			if !slices.Contains(readers, l.Device) {
				readers = append(readers, l.Device)
			}
		}
	}
	ev.Seq, ev.Kind, ev.Cursor = head+1, KindMessage, fmt.Sprintf("%d.new", head+1)
	for _, reader := range readers {
		at := slices.IndexFunc(lines, func(l Line) bool {
			return l.What == Final && l.Device == reader && l.Room == room && l.Seq == head
		})
		lines = slices.Insert(lines, at+1, Line{T: lines[at].T, What: Final, Device: reader, Room: room, Event: ev})
	}
	return lines
}

var mutations = []mutation{
	{"a live event dropped", "I5", once(then(is(Got, isLive), is(Got, isLive)), 0), drop},
	{"the last live event dropped", "I1", isLastLive, drop},
	{"the first event of a resume dropped", "I6", once(then(is(Join), is(Got)), 1), func(lines []Line, i int) []Line { return drop(lines, i+1) }},
	{"the last event of a resume dropped", "I6", once(then(is(Got, isResume), is(Joined, func(l *Line) bool { return !l.More })), 0), drop},
	{"an event within a resume dropped", "I5", once(within, 0), drop},
	{"a gap without its notice", "I6", then(is(Gap), is(Got)), drop},
	{"an event doubled", "I3", is(Got, isLive), func(lines []Line, i int) []Line {
		return slices.Insert(lines, i, lines[i])
	}},
	{"two events swapped", "I3", then(is(Got, isLive), is(Got, isLive)), swapNext},
	{"an event renumbered", "I4", is(Got, isLive, isMessage), change(func(l *Line) { l.Seq++ })},
	{"another id", "I4", is(Got, isMessage), change(func(l *Line) { l.ID = "another" })},
	{"another text for one device", "I4", is(Got, isMessage), change(func(l *Line) { l.Hash = Hash("another") })},
	{"another cursor", "I4", is(Got), change(func(l *Line) { l.Cursor = "0.another" })},
	{"a page with another text", "I4", func(lines []Line, i int) bool {
		return lines[i].What == Paged && len(lines[i].Page.Events) > 0 && lines[i].Page.Events[0].Kind == KindMessage
	}, inPage(func(*Event) bool { return true }, func(e *Event) { e.Hash = "another" })},
	{"an event nobody sent", "I2", is(Final), func(lines []Line, i int) []Line {
		return shows(lines, lines[i].Room, Event{ID: "ghost", CID: "ghost", User: 1, Hash: Hash("boo")})
	}},
	{"a message under another name", "I2", is(Final, isMessage), func(lines []Line, i int) []Line {
		return everywhere(lines, i, func(ev *Event) { ev.User = 99 })
	}},
	{"a message with another text", "I2", is(Final, isMessage), func(lines []Line, i int) []Line {
		return everywhere(lines, i, func(ev *Event) { ev.Hash = Hash("forged") })
	}},
	{"a message seen before it was sent", "I2", func(lines []Line, i int) bool {
		return lines[i].What == Got && lines[i].Phase == Live && i > 1 && lines[i-1].What == Send && lines[i-1].CID == lines[i].CID &&
			firstAttempt(lines, i-1)
	}, func(lines []Line, i int) []Line {
		lines[i-1], lines[i] = lines[i], lines[i-1]
		lines[i-1].T, lines[i].T = lines[i].T, lines[i-1].T
		return lines
	}},
	{"an acknowledged message lost", "I1", answeredOK, func(lines []Line, i int) []Line {
		return lose(lines, i)
	}},
	{"an acknowledged message is another", "I1", answeredOK, change(func(l *Line) { l.ID = "another" })},
	{"acknowledged at another number", "I1", answeredOK, change(func(l *Line) { l.Seq = 1 })},
	{"acknowledged with another cursor", "I4", answeredOK, change(func(l *Line) { l.Cursor = "1.another" })},
	{"failed for good, yet there", "I11", func(lines []Line, i int) bool {
		return answeredOK(lines, i) && accepted(lines, i) == 1
	}, change(func(l *Line) {
		*l = Line{T: l.T, What: Answered, Device: l.Device, Room: l.Room, Call: l.Call, Outcome: Failed, Code: "forbidden"}
	})},
	{"refused on another device after it was accepted", "I11", func(lines []Line, i int) bool {
		return answeredOK(lines, i) && !lines[i].Duplicate
	}, func(lines []Line, i int) []Line {
		again, l := lines[ofSend(lines, i)], lines[i]
		again.T, again.Device, again.Call, again.Word = l.T, "another", 1<<40, ""
		return slices.Insert(lines, i+1, again,
			Line{T: l.T, What: Answered, Device: "another", Room: l.Room, Call: 1 << 40, Outcome: Failed, Code: "not_found"})
	}},
	{"gone on one device, and accepted on another", "I11", func(lines []Line, i int) bool {
		return is(Answered, Failed.of)(lines, i) && lines[i].Code == "not_found" && accepted(lines, i) > 0
	}, change(func(l *Line) { l.Code = "gone" })},
	{"failed, yet there", "I11", func(lines []Line, i int) bool {
		return answeredOK(lines, i) && attempts(lines, i) == 1
	}, change(func(l *Line) {
		*l = Line{T: l.T, What: Answered, Device: l.Device, Room: l.Room, Call: l.Call, Outcome: Failed, Code: "unavailable"}
	})},
	{"a failed message appears", "I11", is(Answered, Failed.of, func(l *Line) bool { return l.Code == "forbidden" }), func(lines []Line, i int) []Line {
		ev := lines[ofSend(lines, i)].Event
		ev.ID = "late"
		return shows(lines, lines[i].Room, ev)
	}},
	{"a copy with another answer", "I10", func(lines []Line, i int) bool {
		return answeredOK(lines, i) && lines[i].Duplicate && accepted(lines, i) > 1
	}, change(func(l *Line) { l.At++ })},
	{"a copy answered as new", "I10", is(Answered, OK.of, func(l *Line) bool { return l.Duplicate }), func(lines []Line, i int) []Line {
		lines[i].Duplicate = false
		return append(slices.Clone(lines[:i+1]), append([]Line{
			{T: lines[i].T, What: Send, Device: lines[i].Device, Room: lines[i].Room, Call: 1 << 40, Event: lines[ofSend(lines, i)].Event},
			{T: lines[i].T, What: Answered, Device: lines[i].Device, Room: lines[i].Room, Call: 1 << 40, Outcome: OK, Event: lines[i].Event, At: lines[i].At},
		}, lines[i+1:]...)...)
	}},
	{"a doubled message", "I10", is(Final, isMessage), func(lines []Line, i int) []Line {
		ev := lines[i].Event
		ev.ID += "again"
		return shows(lines, lines[i].Room, ev)
	}},
	{"an id under two numbers", "I4", is(Final, isMessage), func(lines []Line, i int) []Line {
		return shows(lines, lines[i].Room, lines[i].Event)
	}},
	{"other text accepted under a cid", "I10", is(Answered, Failed.of, func(l *Line) bool { return l.Code == "cid_conflict" }), func(lines []Line, i int) []Line {
		send := lines[ofSend(lines, i)]
		there := slices.IndexFunc(lines, func(l Line) bool { return l.What == Final && l.CID == send.CID && l.Room == send.Room })
		lines[i].Outcome, lines[i].Code, lines[i].Duplicate = OK, "", true
		lines[i].Event = Event{Seq: lines[there].Seq, ID: lines[there].ID, Cursor: lines[there].Cursor}
		lines[i].At = int64(1000 + lines[there].Seq)
		return lines
	}},
	{"a conflict out of nothing", "I10", is(Answered, Failed.of, func(l *Line) bool { return l.Code == "forbidden" }), change(func(l *Line) { l.Code = "cid_conflict" })},
	{"known before it was sent, yet behind", "I7", func(lines []Line, i int) bool {
		return lines[i].What == Send && firstAttempt(lines, i) && isAccepted(lines, i)
	}, func(lines []Line, i int) []Line {
		// Somebody is told of a later number first.
		room := lines[i].Room
		later := slices.IndexFunc(lines[i:], func(l Line) bool { return l.What == Answered && l.Outcome == OK && l.Room == room }) + i
		call := slices.Insert(slices.Clone(lines), i, Line{T: lines[i].T, What: Ask, Device: "stranger", Room: room, Call: 1 << 40, Ask: &Query{Limit: 1}},
			Line{T: lines[i].T, What: Paged, Device: "stranger", Room: room, Call: 1 << 40, Page: &Page{AsOf: lines[later].Seq, Events: []Event{lastOf(lines, room, lines[later].Seq)}, MoreBefore: lines[later].Seq > 1}})
		return call
	}},
	{"joined behind it before it was sent", "I7", func(lines []Line, i int) bool {
		return lines[i].What == Send && firstAttempt(lines, i) && isAccepted(lines, i)
	}, func(lines []Line, i int) []Line {
		head := lastOf(lines, lines[i].Room, lines[answerOf(lines, i)].Seq)
		at := Line{T: lines[i].T, Device: "stranger", Room: lines[i].Room}
		connect, connected, join, joined, end := at, at, at, at, at
		connect.What, connected.What, join.What, joined.What, end.What = Connect, Connected, Join, Joined, End
		join.Call, joined.Call, joined.Event = 1<<40, 1<<40, Event{Seq: head.Seq, Cursor: head.Cursor}
		return slices.Insert(lines, i, connect, connected, join, joined, end)
	}},
	{"sent the other way round", "I8", twoSends, func(lines []Line, i int) []Line {
		k := nextSend(lines, i)
		second := lines[k]
		second.T = lines[i].T
		return slices.Insert(slices.Delete(lines, k, k+1), i, second)
	}},
	{"the order of a device", "I8", twoSends, func(lines []Line, i int) []Line {
		k := nextSend(lines, i)
		lines[i].CID, lines[k].CID = lines[k].CID, lines[i].CID
		lines[i].Hash, lines[k].Hash = lines[k].Hash, lines[i].Hash
		a, b := answerOf(lines, i), answerOf(lines, k)
		lines[a].Event, lines[b].Event = lines[b].Event, lines[a].Event
		lines[a].At, lines[b].At = lines[b].At, lines[a].At
		return lines
	}},
	{"a read that shrinks", "I9", func(lines []Line, i int) bool {
		return lines[i].What == Paged && lines[i].Page.AsOf > 3 && len(lines[i].Page.Events) > 2 && latestPage(lines, i)
	}, change(func(l *Line) {
		p := *l.Page
		p.AsOf -= 2
		p.Events = p.Events[:len(p.Events)-2]
		l.Page = &p
	})},
	{"a page with a hole", "I9", func(lines []Line, i int) bool {
		return lines[i].What == Paged && len(lines[i].Page.Events) == 3
	}, change(func(l *Line) {
		p := *l.Page
		p.Events = []Event{p.Events[0], p.Events[2]}
		l.Page = &p
	})},
	{"a page that begins elsewhere", "I9", func(lines []Line, i int) bool {
		return lines[i].What == Paged && len(lines[i].Page.Events) == 3 && askOf(lines, i).Ask.After > 0
	}, change(func(l *Line) {
		p := *l.Page
		p.Events, p.MoreBefore = p.Events[1:], true
		l.Page = &p
	})},
	{"a page that denies there is more", "I9", func(lines []Line, i int) bool {
		return lines[i].What == Paged && lines[i].Page.MoreAfter
	}, change(func(l *Line) {
		p := *l.Page
		p.MoreAfter = false
		l.Page = &p
	})},
	{"an answer before its event", "I9", then(is(Got, isLive), is(Answered, OK.of, func(l *Line) bool { return !l.Duplicate })), func(lines []Line, i int) []Line {
		if lines[i].Seq != lines[i+1].Seq {
			return nil
		}
		lines[i], lines[i+1] = lines[i+1], lines[i]
		lines[i].T, lines[i+1].T = lines[i+1].T, lines[i].T
		return lines
	}},
	{"an event without a subscription", "I5", is(Left), func(lines []Line, i int) []Line {
		next := nextFor(lines, i)
		if next < 0 {
			return nil
		}
		ev := lines[next]
		ev.T, ev.Phase = lines[i].T, Live
		return slices.Insert(lines, i+1, ev)
	}},
	{"an event before the answer of a join from now", "I5", func(lines []Line, i int) bool {
		return lines[i].What == Join && lines[i].Since == "" && lines[i].Latest == 0
	}, func(lines []Line, i int) []Line {
		ev := lastOf(lines, lines[i].Room, 1)
		return slices.Insert(lines, i+1, Line{T: lines[i].T, What: Got, Device: lines[i].Device, Room: lines[i].Room, Phase: Resume, Event: ev})
	}},
	{"a reset for a good cursor", "I6", func(lines []Line, i int) bool {
		return lines[i].What == Join && len(lines[i].Since) > 1 && i+1 < len(lines) && lines[i+1].What == Joined
	}, func(lines []Line, i int) []Line {
		lines[i+1].Reset, lines[i+1].Event = "history", Event{}
		return lines
	}},
	{"a reset of a member", "I6", func(lines []Line, i int) bool {
		return lines[i].What == Join && lines[i].Room == 1 && len(lines[i].Since) > 1 && i+1 < len(lines) && lines[i+1].What == Joined
	}, func(lines []Line, i int) []Line {
		lines[i+1].Reset, lines[i+1].Event = "membership", Event{}
		return lines
	}},
	{"more, and nothing of it", "I6", func(lines []Line, i int) bool {
		return lines[i].What == Join && len(lines[i].Since) > 1 && i+1 < len(lines) && lines[i+1].What == Joined && !lines[i+1].More && lines[i+1].Reset == ""
	}, func(lines []Line, i int) []Line {
		lines[i+1].More = true
		return lines
	}},
	{"a join at an old head", "I9", joinedFromNow, change(func(l *Line) { l.Seq -= 2 })},
	{"a cut without a fault", "I20", is(Close, func(l *Line) bool { return l.Code == "slow" }), change(func(l *Line) { l.Code = "" })},
	{"somebody who never came back", "I20", is(Final), func(lines []Line, i int) []Line {
		return slices.Insert(lines, i, Line{T: lines[i].T, What: Close, Device: "p1.d0", Code: "slow"})
	}},
	{"a stored event is missing", "I16", is(Stored), drop},
	{"a stored event is another", "I16", is(Stored, effective), change(func(l *Line) { l.Hash = "another" })},
	{"a copy was stored as new", "I16", is(Stored, func(l *Line) bool { return l.Void == "copy" }), func(lines []Line, i int) []Line {
		rec := slices.IndexFunc(lines, func(l Line) bool {
			return l.What == Final && l.Room == lines[i].Room && l.Seq == lines[i].Seq
		})
		if rec < 0 {
			return nil
		}
		lines[i].Void = ""
		return lines
	}},
	{"an event was stored as a copy", "I16", is(Stored, effective), change(func(l *Line) { l.Void, l.ID, l.CID, l.Hash = "copy", "", "", "" })},
	{"the store is ahead of the log", "I16", is(UpTo), change(func(l *Line) { l.Watermark += 1000 })},
	{"the watermark says too much", "I16", func(lines []Line, i int) bool {
		return lines[i].What == UpTo && slices.ContainsFunc(lines[:i], func(l Line) bool {
			return l.What == Logged && l.Partition == lines[i].Partition && l.Offset == lines[i].Watermark
		})
	}, change(func(l *Line) { l.Watermark++ })},
	{"a room in two partitions", "I16", func(lines []Line, i int) bool {
		return lines[i].What == Logged && !slices.ContainsFunc(lines[i+1:], func(l Line) bool {
			return l.What == Logged && l.Partition == lines[i].Partition
		}) && slices.ContainsFunc(lines[:i], func(l Line) bool { return l.What == Logged && l.Room == lines[i].Room })
	}, change(func(l *Line) { l.Partition, l.Offset = 7, 0 })},
	{"an edit that nobody sent", "I2", is(Send, func(l *Line) bool { return l.Kind == KindEdit }), func(lines []Line, i int) []Line {
		call := lines[i].Call
		return slices.DeleteFunc(lines, func(l Line) bool { return l.Call == call && (l.What == Send || l.What == Answered) })
	}},
	{"a revision that no change made", "I2", pageWith(isChanged), inPage(isChanged, func(e *Event) { e.Rev = 1 })},
	{"another text of a revision", "I4", pageWith(isEdited), inPage(isEdited, func(e *Event) { e.Hash = "another" })},
	{"a deleted text on a page", "I9", pageWith(isErased), func(lines []Line, i int) []Line {
		return inPage(isErased, func(e *Event) { *e = original(lines, lines[i].Room, e.Seq) })(lines, i)
	}},
	{"a former text on a page", "I9", pageWith(isEdited), func(lines []Line, i int) []Line {
		return inPage(isEdited, func(e *Event) { *e = original(lines, lines[i].Room, e.Seq) })(lines, i)
	}},
	{"a former text in the end", "I9", is(Final, isMessage, func(l *Line) bool { return l.Rev > 0 }), func(lines []Line, i int) []Line {
		lines[i].Event = original(lines, lines[i].Room, lines[i].Seq)
		return lines
	}},
	{"a former text on a resume", "I6", is(Got, isResume, isMessage, func(l *Line) bool { return l.Rev > 0 }), func(lines []Line, i int) []Line {
		lines[i].Event = original(lines, lines[i].Room, lines[i].Seq)
		return lines
	}},
	{"an event after the kick", "I12", keptOut(is(Got, isLive, isA(KindKick))), oneMore},
	{"an event after the ban from a private room", "I12", keptOut(is(Got, isLive, isA(KindBan), in("private"))), oneMore},
	{"an event after the ban from a public room", "I12", keptOut(is(Got, isLive, isA(KindBan), in("public"))), oneMore},
	{"a page for somebody who was thrown out", "I12", keptOut(is(Got, isLive, isA(KindKick))), onePage},
	{"a page for somebody who is banned from a public room", "I12", keptOut(is(Got, isLive, isA(KindBan), in("public"))), onePage},
	{"somebody who is banned is let in", "I12", keptOut(is(Got, isLive, isA(KindBan), in("public"))), func(lines []Line, i int) []Line {
		l, next := lines[i], lastOf(lines, lines[i].Room, lines[i].Seq+1)
		return slices.Insert(lines, i+1,
			Line{T: l.T, What: Join, Device: l.Device, Room: l.Room, Call: 1 << 40, Since: l.Cursor},
			Line{T: l.T, What: Got, Device: l.Device, Room: l.Room, Phase: Resume, Event: next},
			Line{T: l.T, What: Joined, Device: l.Device, Room: l.Room, Call: 1 << 40, Event: Event{Seq: next.Seq, Cursor: next.Cursor}})
	}},
	{"a page that does not know of a ban that was answered", "I9", then(is(Send, isA(KindBan)), is(Answered)), func(lines []Line, i int) []Line {
		ban := lines[i+1]
		old := lastOf(lines, ban.Room, ban.Seq-1)
		return slices.Insert(lines, i+2,
			Line{T: ban.T, What: Ask, Device: "p1.d0", Room: ban.Room, Call: 1 << 40, Ask: &Query{Limit: 1}},
			Line{T: ban.T, What: Paged, Device: "p1.d0", Room: ban.Room, Call: 1 << 40, Page: &Page{AsOf: old.Seq, Events: []Event{old}, MoreBefore: true}})
	}},
	{"a ban that was answered with another number", "I1", then(is(Send, isA(KindBan)), is(Answered)), func(lines []Line, i int) []Line {
		lines[i+1].Seq--
		return lines
	}},
	{"somebody who did not come in is heard", "I12", saidBehindJoin, func(lines []Line, i int) []Line {
		return everywhere(lines, i, func(ev *Event) { ev.Kind = "topic" })
	}},
	{"a word said behind a ban", "I13", saidToBanned, func(lines []Line, i int) []Line {
		return append(lines, Line{T: lines[len(lines)-1].T, What: Searched, Event: Event{User: bannedAt(lines, i)}, Word: lines[i].Word})
	}},
	{"hidden from somebody who may read it", "I12", is(Got, func(l *Line) bool { return l.Target > 0 }), change(func(l *Line) {
		l.Event = Event{Seq: l.Seq, Kind: KindHidden, Cursor: l.Cursor}
	})},
	{"not hidden from somebody who may not read it", "I12", is(Got, func(l *Line) bool { return l.Kind == KindHidden }), func(lines []Line, i int) []Line {
		lines[i].Event = lastOf(lines, lines[i].Room, lines[i].Seq)
		return lines
	}},
	{"an edit that the store has lost", "I16", is(Stored, effective, func(l *Line) bool { return l.Rev > 0 }), func(lines []Line, i int) []Line {
		lines[i].Hash, lines[i].Rev, lines[i].Deleted = original(lines, lines[i].Room, lines[i].Seq).Hash, 0, false
		return lines
	}},
	{"an edit stored with its text", "I16", is(Stored, func(l *Line) bool { return l.Kind == KindEdit && l.Void == "" }), change(func(l *Line) { l.Hash = "text" })},
	{"a former text of what was deleted is stored", "I16", is(Stored, func(l *Line) bool { return l.Deleted }), func(lines []Line, i int) []Line {
		for i+1 < len(lines) && lines[i+1].What == Stored { // the deletion's row may be behind
			i++
		}
		deleted := slices.IndexFunc(lines[:i+1], func(l Line) bool { return l.What == Stored && l.Deleted && l.Snapshot == lines[i].Snapshot })
		return slices.Insert(lines, i+1, Line{T: lines[i].T, What: Former, Snapshot: lines[i].Snapshot, Room: lines[deleted].Room, Event: Event{Seq: lines[deleted].Seq}})
	}},
	{"a word of a room in a log", "I13", is(Send, hasWord), func(lines []Line, i int) []Line {
		return append(lines, Line{T: lines[len(lines)-1].T, What: Searched, Place: "the log of a server", Word: lines[i].Word})
	}},
	{"a word of a room with a stranger", "I13", is(Searched, hasWord), change(func(l *Line) { l.User = 99 })},
	{"a word that nobody said", "I13", is(Searched, hasWord), change(func(l *Line) { l.Word = "word-of-nobody" })},
	{"a word said while somebody was thrown out", "I13", saidWithout, func(lines []Line, i int) []Line {
		return append(lines, Line{T: lines[len(lines)-1].T, What: Searched, Event: Event{User: absentOf(lines, i)}, Word: lines[i].Word})
	}},
	{"a word that was refused", "I13", func(lines []Line, i int) bool {
		return is(Send, hasWord)(lines, i) && attempts(lines, answerOf(lines, i)) == 1 && lines[answerOf(lines, i)].Code == "forbidden"
	}, func(lines []Line, i int) []Line {
		other := 1 + lines[i].User%3
		return append(lines, Line{T: lines[len(lines)-1].T, What: Searched, Event: Event{User: other}, Word: lines[i].Word})
	}},
	{"a message for a session that has ended", "I14", is(Got, isLive, isMessage), func(lines []Line, i int) []Line {
		send := slices.IndexFunc(lines, func(l Line) bool {
			return l.What == Send && l.CID == lines[i].CID && l.User == lines[i].User && l.Room == lines[i].Room
		})
		return endsBefore(lines, send, sessionOf(lines, lines[i].Device, i))
	}},
	{"a page for a session that has ended", "I14", is(Paged), func(lines []Line, i int) []Line {
		ask := slices.IndexFunc(lines, func(l Line) bool { return l.What == Ask && l.Call == lines[i].Call })
		return endsBefore(lines, ask, sessionOf(lines, lines[i].Device, i))
	}},
	{"a send of a session that has ended", "I14", answeredOK, func(lines []Line, i int) []Line {
		return endsBefore(lines, ofSend(lines, i), sessionOf(lines, lines[i].Device, i))
	}},
	{"a session that has ended is let in", "I14", then(is(Connect), is(Connected)), func(lines []Line, i int) []Line {
		return endsBefore(lines, i, lines[i].Session)
	}},
	{"a socket that outlives its session", "I14", is(Used), func(lines []Line, i int) []Line {
		return endsBefore(lines, i, sessionOf(lines, "p1.d0", i))
	}},
	{"somebody is connected and not shown", "I15", is(Used), func(lines []Line, i int) []Line {
		return looks(lines, i, func(here []int64) []int64 { return here[1:] })
	}},
	{"somebody who has gone is shown", "I15", is(Used), func(lines []Line, i int) []Line {
		return looks(lines, i, func([]int64) []int64 { return users })
	}},
	{"somebody is not shown long after a fault", "I15", is(Used), func(lines []Line, i int) []Line {
		fault := Line{T: lines[i].T, What: Fault, Fault: "kill", Within: healed}
		return looks(slices.Insert(lines, i, fault), i+1, func(here []int64) []int64 { return here[1:] })
	}},
	{"more in use than may be", "I19", is(Used), change(func(l *Line) { l.Used = l.Allowed + 1 })},
	{"something else in use", "I19", is(Used), func(lines []Line, i int) []Line {
		return slices.Insert(lines, i, Line{T: lines[i].T, What: Used, Place: "descriptors of a server", Used: 1})
	}},
	{"a server that is stuck in the end", "I18", is(Final), func(lines []Line, _ int) []Line {
		return getsStuck(lines, slices.IndexFunc(lines, a(Final)))
	}},
	{"a server that is stuck while it is read", "I18", is(Final), func(lines []Line, i int) []Line {
		return slices.Insert(lines, i, Line{T: lines[i].T, What: Stuck, Fault: "not ready"})
	}},
	{"a reader misses the end", "I5", func(lines []Line, i int) bool {
		return lines[i].What == Final && lines[i].Device == "rest" && (lines[i+1].Room != lines[i].Room || lines[i+1].Device != "rest")
	}, drop},
	{"no dump", "H", is(Final), func(lines []Line, i int) []Line {
		room := lines[i].Room
		return slices.DeleteFunc(lines, func(l Line) bool { return l.What == Final && l.Room == room })
	}},
	{"an answer to nothing", "H", is(Answered), func(lines []Line, i int) []Line {
		return slices.Insert(lines, i, lines[i])
	}},
	{"a clock that goes back", "H", is(Got), change(func(l *Line) { l.T = 0 })},
}

func hasWord(l *Line) bool { return l.Word != "" }

// sessionOf is the session of a device at the time of a line.
func sessionOf(lines []Line, device string, i int) string {
	for k := i; ; k-- {
		if lines[k].What == Connect && lines[k].Device == device {
			return lines[k].Session
		}
	}
}

// endsBefore lets a session end long before a line.
func endsBefore(lines []Line, i int, session string) []Line {
	t := lines[i].T
	for k := range lines[i:] {
		lines[i+k].T += 6e9
	}
	return slices.Insert(lines, i, Line{T: t, What: Revoke, Session: session, Call: 1 << 40}, Line{T: t, What: Revoked, Session: session, Call: 1 << 40})
}

// looks lets somebody ask who is online, long after what was before a line, and
// be shown something. Users 1 and 2 are connected in the end, user 3 is not.
func looks(lines []Line, i int, shown func(here []int64) []int64) []Line {
	t := lines[i].T + 60e9
	for k := range lines[i:] {
		lines[i+k].T += 120e9
	}
	return slices.Insert(lines, i,
		Line{T: t, What: Look, Place: "a server", Room: 1, Call: 1 << 40, Members: users, Within: seen},
		Line{T: t, What: Online, Room: 1, Call: 1 << 40, Members: shown([]int64{1, 2})})
}

// absentOf is somebody who was not in the room when a message was said there; 0:
// there is nobody, or it is not a group.
func absentOf(lines []Line, send int) int64 {
	message := slices.IndexFunc(lines, func(l Line) bool {
		return l.What == Final && l.Room == lines[send].Room && l.CID == lines[send].CID && l.User == lines[send].User
	})
	if message < 0 || worldKinds[lines[send].Room] != "group" {
		return 0
	}
	out := int64(0)
	for _, l := range lines {
		switch {
		case l.What != Final || l.Device != "rest" || l.Room != lines[send].Room || l.Seq > lines[message].Seq:
		case l.Kind == KindKick:
			out = l.Whom
		case l.Kind == KindInvite && l.Whom == out:
			out = 0
		}
	}
	return out
}

func saidWithout(lines []Line, i int) bool {
	return is(Send, hasWord)(lines, i) && isAccepted(lines, i) && lines[i].Kind == "" && absentOf(lines, i) != 0
}

func answeredOK(lines []Line, i int) bool {
	return is(Answered, OK.of, func(l *Line) bool { return l.ID != "" })(lines, i)
}

// isLastLive fits the last event of a device that is there at the end.
func isLastLive(lines []Line, i int) bool {
	l := &lines[i]
	if l.What != Got || l.Phase != Live {
		return false
	}
	for _, later := range lines[i+1:] {
		if later.Device == l.Device && (later.What == Close || later.Room == l.Room) && later.What != Final {
			return false
		}
	}
	return true
}

// joinedFromNow fits answers to a join from now on, by a device that had been
// told of the head before.
func joinedFromNow(lines []Line, i int) bool {
	if lines[i].What != Joined || lines[i].Seq < 3 || lines[i-1].What != Join || lines[i-1].Since != "" || lines[i-1].Latest > 0 {
		return false
	}
	return slices.ContainsFunc(lines[:i], func(l Line) bool {
		return l.Device == lines[i].Device && l.Room == lines[i].Room && (l.What == Got || l.What == Joined) && l.Seq >= lines[i].Seq-1
	})
}

// within fits events of a resume that are neither its first nor its last.
func within(lines []Line, i int) bool {
	resumed := is(Got, isResume)
	return i > 0 && then(resumed, resumed)(lines, i-1) && then(resumed, resumed)(lines, i)
}

func isChanged(e *Event) bool { return e.Kind == KindMessage && e.Rev > 0 }
func isEdited(e *Event) bool  { return isChanged(e) && !e.Deleted }
func isErased(e *Event) bool  { return isChanged(e) && e.Deleted }

// pageWith fits pages with such an event; inPage changes the first of them.
func pageWith(fits func(*Event) bool) func([]Line, int) bool {
	return func(lines []Line, i int) bool {
		return lines[i].What == Paged && slices.ContainsFunc(lines[i].Page.Events, func(e Event) bool { return fits(&e) })
	}
}

func inPage(fits func(*Event) bool, f func(*Event)) func([]Line, int) []Line {
	return func(lines []Line, i int) []Line {
		p := *lines[i].Page
		p.Events = slices.Clone(p.Events)
		f(&p.Events[slices.IndexFunc(p.Events, func(e Event) bool { return fits(&e) })])
		lines[i].Page = &p
		return lines
	}
}

// original is a message as it was sent.
func original(lines []Line, room int64, seq uint64) Event {
	ev := lastOf(lines, room, seq)
	send := slices.IndexFunc(lines, func(l Line) bool { return l.What == Send && l.CID == ev.CID && l.Room == room && l.User == ev.User })
	ev.Hash, ev.Rev, ev.Deleted = lines[send].Hash, 0, false
	return ev
}

// keptOut fits events about the device's own person, who was not let in again
// with the next one.
func keptOut(fits func([]Line, int) bool) func([]Line, int) bool {
	return func(lines []Line, i int) bool {
		if !fits(lines, i) || userOf(lines, lines[i].Device) != lines[i].Whom {
			return false
		}
		next := slices.IndexFunc(lines, func(l Line) bool { return l.What == Final && l.Room == lines[i].Room && l.Seq == lines[i].Seq+1 })
		return next >= 0 && lines[next].Kind != KindInvite && lines[next].Kind != KindUnban
	}
}

func isA(kind string) func(*Line) bool { return func(l *Line) bool { return l.Kind == kind } }

// in fits lines about a room of a kind.
func in(kind string) func(*Line) bool {
	return func(l *Line) bool { return worldKinds[l.Room] == kind }
}

// oneMore gives the device of a line the event behind it.
func oneMore(lines []Line, i int) []Line {
	ev := lines[i]
	ev.Event = lastOf(lines, ev.Room, ev.Seq+1)
	return slices.Insert(lines, i+1, ev)
}

// onePage shows the device of a line a page as of that.
func onePage(lines []Line, i int) []Line {
	l := lines[i]
	return slices.Insert(lines, i+1,
		Line{T: l.T, What: Ask, Device: l.Device, Room: l.Room, Call: 1 << 40, Ask: &Query{Limit: 1}},
		Line{T: l.T, What: Paged, Device: l.Device, Room: l.Room, Call: 1 << 40, Page: &Page{AsOf: l.Seq, Events: []Event{l.Event}, MoreBefore: true}})
}

// saidBehindJoin fits the dump's line of somebody who comes into a public room
// and says something there.
func saidBehindJoin(lines []Line, i int) bool {
	l := &lines[i]
	if l.What != Final || l.Device != "rest" || l.Kind != KindJoin {
		return false
	}
	for _, later := range lines[i+1:] {
		switch {
		case later.What != Final || later.Room != l.Room || later.Device != l.Device || later.Kind == KindBan && later.Whom == l.User:
			return false
		case later.Kind == KindMessage && later.User == l.User:
			return true
		}
	}
	return false
}

// bannedAt is somebody who was banned from a private room when a message was
// said there, and did not come back; 0: nobody.
func bannedAt(lines []Line, send int) (out int64) {
	said := false
	for _, l := range lines {
		if l.What != Final || l.Device != "rest" || l.Room != lines[send].Room {
			continue
		}
		switch {
		case l.CID == lines[send].CID && l.User == lines[send].User:
			if said = true; out == 0 {
				return 0
			}
		case l.Kind == KindBan && !said:
			out = l.Whom
		case l.Whom == out && (l.Kind == KindInvite || l.Kind == KindUnban && !said):
			out = 0
		}
	}
	if !said {
		return 0
	}
	return out
}

func saidToBanned(lines []Line, i int) bool {
	return is(Send, hasWord, in("private"))(lines, i) && isAccepted(lines, i) && lines[i].Kind == "" && bannedAt(lines, i) != 0
}

func userOf(lines []Line, device string) int64 {
	return lines[slices.IndexFunc(lines, func(l Line) bool { return l.What == Connect && l.Device == device })].User
}

func firstAttempt(lines []Line, i int) bool {
	return slices.IndexFunc(lines, func(l Line) bool {
		return l.What == Send && l.CID == lines[i].CID && l.Room == lines[i].Room && l.User == lines[i].User
	}) == i
}

// attempts counts the attempts of the message that a line answers.
func attempts(lines []Line, answer int) int {
	send, n := lines[ofSend(lines, answer)], 0
	for _, l := range lines {
		if l.What == Send && l.CID == send.CID && l.Room == send.Room && l.User == send.User {
			n++
		}
	}
	return n
}

// accepted counts the ok answers of the message that a line answers.
func accepted(lines []Line, answer int) int {
	send, n := lines[ofSend(lines, answer)], 0
	for i, l := range lines {
		if l.What == Answered && l.Outcome == OK && l.Room == send.Room && lines[ofSend(lines, i)].CID == send.CID && lines[ofSend(lines, i)].User == send.User {
			n++
		}
	}
	return n
}

func answerOf(lines []Line, send int) int {
	return slices.IndexFunc(lines, func(l Line) bool { return l.What == Answered && l.Call == lines[send].Call })
}

func isAccepted(lines []Line, send int) bool {
	a := answerOf(lines, send)
	return a > 0 && lines[a].Outcome == OK && !lines[a].Duplicate
}

// simple is a message of one attempt by one device, which was accepted.
func simple(lines []Line, send int) bool {
	return lines[send].What == Send && firstAttempt(lines, send) && isAccepted(lines, send) && attempts(lines, answerOf(lines, send)) == 1
}

func nextSend(lines []Line, i int) int {
	for k := i + 1; k < len(lines); k++ {
		if lines[k].Device == lines[i].Device && lines[k].Room == lines[i].Room && simple(lines, k) {
			return k
		}
	}
	return -1
}

func twoSends(lines []Line, i int) bool { return simple(lines, i) && nextSend(lines, i) > 0 }

func askOf(lines []Line, page int) Line {
	return lines[slices.IndexFunc(lines, func(l Line) bool { return l.What == Ask && l.Call == lines[page].Call })]
}

// latestPage fits pages without a cursor whose room was known to the end.
func latestPage(lines []Line, page int) bool {
	q := askOf(lines, page).Ask
	if q.Before+q.After+q.Around > 0 || q.AtLeast != "" {
		return false
	}
	known := uint64(0)
	for _, l := range lines[:page] {
		if l.Room == lines[page].Room && (l.What == Got || l.What == Answered) {
			known = max(known, l.Seq)
		}
	}
	return known+1 >= lines[page].Page.AsOf
}

// lastOf is the event of a number as the readers have it.
func lastOf(lines []Line, room int64, seq uint64) Event {
	i := slices.IndexFunc(lines, func(l Line) bool { return l.What == Final && l.Room == room && l.Seq == seq })
	return lines[i].Event
}

// nextFor is the next event that a device gets in the room of a line.
func nextFor(lines []Line, i int) int {
	for k := i + 1; k < len(lines); k++ {
		if lines[k].Device == lines[i].Device && lines[k].Room == lines[i].Room {
			if lines[k].What == Got {
				return k
			}
			if lines[k].What == Gap || lines[k].What == Join && lines[k].Since == "" {
				return -1
			}
		}
	}
	return -1
}

// everywhere changes a message for everybody but its sender's own lines.
func everywhere(lines []Line, i int, f func(*Event)) []Line {
	room, seq := lines[i].Room, lines[i].Seq
	for k := range lines {
		l := &lines[k]
		if l.Room != room {
			continue
		}
		if (l.What == Got || l.What == Final) && l.Seq == seq {
			f(&l.Event)
		}
		if l.What == Paged {
			p := *l.Page
			p.Events = slices.Clone(p.Events)
			for e := range p.Events {
				if p.Events[e].Seq == seq {
					f(&p.Events[e])
				}
			}
			l.Page = &p
		}
	}
	return lines
}

// TestEveryInvariantIsTested: of each there are two mutations at least.
func TestEveryInvariantIsTested(t *testing.T) {
	ways := make(map[string]int)
	for _, m := range mutations {
		ways[m.want]++
	}
	for _, invariant := range invariants {
		if ways[invariant] < 2 {
			t.Errorf("there are %d mutations for %s, want 2", ways[invariant], invariant)
		}
	}
}

// TestMutationsAreCaught: every way of breaking a promise is caught by the
// invariant that is meant for it, wherever it happens.
func TestMutationsAreCaught(t *testing.T) {
	var histories [][]Line
	for seed := range uint64(40) {
		histories = append(histories, newWorld(seed).history(120))
	}
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			caught := 0
			for seed := range uint64(len(histories)) {
				lines := histories[seed]
				choice := rand.New(rand.NewPCG(seed, 1))
				var places []int
				for i := range lines {
					if m.fits(lines, i) {
						places = append(places, i)
					}
				}
				if len(places) == 0 {
					continue
				}
				i := places[choice.IntN(len(places))]
				broken := m.breaks(slices.Clone(lines), i)
				if broken == nil {
					continue
				}
				v := judge(t, broken)
				if v.Broken[m.want] == 0 {
					t.Fatalf("seed %d, line %d: got %v, want %s", seed, i+1, v.Violations, m.want)
				}
				caught++
			}
			if caught < 5 {
				t.Errorf("only %d histories could be broken so", caught)
			}
		})
	}
}

// TestIDShownTwice: to one device an id has one number.
func TestIDShownTwice(t *testing.T) {
	v := judge(t, []Line{
		{What: Connect, Device: "d"}, {What: Connected, Device: "d"},
		{What: Join, Device: "d", Room: 1, Call: 1, Since: "0"},
		{What: Got, Device: "d", Room: 1, Phase: Resume, Event: Event{Seq: 1, ID: "a", Kind: "create"}},
		{What: Got, Device: "d", Room: 1, Phase: Resume, Event: Event{Seq: 2, ID: "a", Kind: "join"}},
	})
	if v.Broken["I3"] != 1 {
		t.Errorf("got %v, want I3 once", v.Violations)
	}
}

// TestAnswerWhileLeaving: a device that has asked not to be subscribed may get
// the answer of a send without its event; one that has not may not.
func TestAnswerWhileLeaving(t *testing.T) {
	history := func(before ...Line) []Line {
		created := Event{Seq: 1, ID: "a", Kind: "create", Cursor: "1.a"}
		sent := Event{Seq: 2, ID: "b", CID: "c", User: 7, Hash: "h", Kind: KindMessage, Cursor: "2.b"}
		lines := []Line{
			{What: Connect, Device: "d"}, {What: Connected, Device: "d"},
			{What: Join, Device: "d", Room: 1, Call: 1, Since: "0"},
			{What: Got, Device: "d", Room: 1, Phase: Resume, Event: created},
			{What: Joined, Device: "d", Room: 1, Call: 1, Event: Event{Seq: 1, Cursor: "1.a"}},
			{What: Send, Device: "d", Room: 1, Call: 2, Event: Event{CID: "c", User: 7, Hash: "h"}},
		}
		return append(append(lines, before...),
			Line{What: Answered, Device: "d", Room: 1, Call: 2, Outcome: OK, Event: Event{Seq: 2, ID: "b", Cursor: "2.b"}},
			Line{What: Final, Device: "r", Room: 1, Event: created}, Line{What: Final, Device: "r", Room: 1, Event: sent},
		)
	}
	leave := Line{What: Leave, Device: "d", Room: 1, Call: 3}
	refused := Line{What: Left, Device: "d", Room: 1, Call: 3, Code: "busy"}
	for _, tc := range []struct {
		name   string
		before []Line
		want   int
	}{
		{"subscribed", nil, 1},
		{"leaving", []Line{leave}, 0},
		{"not let go", []Line{leave, refused}, 1},
	} {
		if v := judge(t, history(tc.before...)); v.Broken["I9"] != tc.want {
			t.Errorf("%s: got %v, want I9 %d times", tc.name, v.Violations, tc.want)
		}
	}
}

// TestCopyOfVoid: a message that was void because it was not allowed keeps its
// cid, so that what comes again is a copy of it.
func TestCopyOfVoid(t *testing.T) {
	sent := Event{ID: "b", CID: "c", User: 7, Hash: "h", Kind: KindMessage}
	history := func(void string) []Line {
		first, second := Event{Seq: 1, CID: "c", User: 7, Kind: KindMessage}, Event{Seq: 2, User: 7, Kind: KindMessage}
		if void == "stale" {
			first.CID = ""
		}
		return []Line{
			{What: Logged, Offset: 0, Room: 1, Event: sent},
			{What: Logged, Offset: 1, Room: 1, Event: sent},
			{What: Snapshot, Snapshot: 1},
			{What: UpTo, Snapshot: 1, Watermark: 2},
			{What: Stored, Snapshot: 1, Room: 1, Event: first, Void: void},
			{What: Stored, Snapshot: 1, Room: 1, Event: second, Void: "copy"},
		}
	}
	for void, want := range map[string]int{"forbidden": 0, "stale": 1} {
		if v := judge(t, history(void)); v.Broken["I16"] != want {
			t.Errorf("a copy of a record that was %s: got %v, want I16 %d times", void, v.Violations, want)
		}
	}
}

// A page that was asked to reach a cursor may lack what the device was told
// besides, if the server was started anew in between, and only then.
func TestPageAtLeast(t *testing.T) {
	for name, tc := range map[string]struct {
		fault bool
		asOf  uint64
		want  int
	}{
		"the same server goes back":      {false, 4, 1},
		"a new one catches up":           {true, 4, 0},
		"a new one does not get to it":   {true, 2, 1},
		"the same server has everything": {false, 5, 0},
	} {
		lines := []Line{
			{What: Send, Device: "d", Room: 1, Call: 1, Event: Event{User: 1, CID: "c"}},
			{What: Send, Device: "d", Room: 1, Call: 3, Event: Event{User: 1, CID: "e"}},
			{What: Answered, Device: "d", Room: 1, Call: 1, Outcome: OK, Event: Event{Seq: 5}},
			{What: Fault, Fault: "kill"},
			{What: Answered, Device: "d", Room: 1, Call: 3, Outcome: OK, Event: Event{Seq: 6}}, // it was under way
			{What: Connect, Device: "d"},
			{What: Ask, Device: "d", Room: 1, Call: 2, Ask: &Query{Limit: 1, AtLeast: "3.abcdef"}},
			{What: Paged, Device: "d", Room: 1, Call: 2, Page: &Page{AsOf: tc.asOf}},
		}
		if !tc.fault {
			lines = slices.Delete(lines, 3, 6)
		}
		if got := judge(t, lines).Broken["I9"]; got != tc.want {
			t.Errorf("%s: I9 was broken %d times, want %d", name, got, tc.want)
		}
	}
}
