package main

// mutant is a planted bug and those who have to catch it, each of them.
type mutant struct {
	bug      string // the constant of package planted
	catchers []catcher
}

// catcher looks at a build of the server and fails if it finds something wrong.
// It is a test, or a campaign.
type catcher struct {
	// A test: a package of the module, and which of its tests.
	pkg, test string
	// A campaign: the arguments of internal/crash.
	campaign string
	// want is what it says then, a regular expression; empty: anything.
	want string
}

func (c catcher) String() string {
	if c.campaign != "" {
		return "crash " + c.campaign
	}
	return c.pkg + " " + c.test
}

// mutants is every planted bug, in the order of package planted.
var mutants = []mutant{
	{"AckBeforeCommit", []catcher{
		{pkg: "eventlog", test: "TestSyncFails"},
		// A store that was faster than the kill is ahead of the log then, and the
		// server refuses to start (I18).
		{campaign: "-kills 0 -point-kills 1", want: `(?m)^  I1 |^  I18 `},
	}},
	{"CopiesOff", []catcher{
		{pkg: "chat", test: "TestCopyAtAnyDistance"},
		{pkg: "chat", test: "TestOneCIDOneEvent"},
	}},
	{"TableOff", []catcher{
		{pkg: "fanout", test: "TestCopies"},
		// The store's unique key stops the recorder for good, so the campaign ends
		// with the next start (I18); by then people have seen the copies.
		{campaign: "-kills 2", want: `(?m)^  I3 |^  I10 `},
	}},
	{"FetchThenSubscribe", []catcher{
		{pkg: "fanout", test: "TestSubscriptionHasNoSeam"},
	}},
	{"OpeningUnpinned", []catcher{
		{pkg: "fanout", test: "TestStoreIsAheadOfTheFollower"},
	}},
	{"MembershipCached", []catcher{
		{pkg: "fanout", test: "TestKickIsTheLastEvent"},
	}},
	{"AnswerFirst", []catcher{
		{pkg: "fanout", test: "TestAnswerComesBehindTheEvent"},
		{campaign: "-kills 1", want: `(?m)^  I9 `},
	}},
	{"UnknownFailed", []catcher{
		{pkg: "fanout", test: "TestAppendErrors"},
	}},
	{"StaleRead", []catcher{
		{pkg: "history", test: "TestNodeStaysBehind"},
	}},
	{"SendsUnordered", []catcher{
		{pkg: "server", test: "TestSendsKeepTheirOrder"},
	}},
	{"RevIgnored", []catcher{
		{pkg: "chat", test: "TestEdited"},
	}},
	{"CursorOffByOne", []catcher{
		{pkg: "history", test: "TestResumeInParts"},
		{campaign: "-kills 1", want: `(?m)^  I6 `},
	}},
	{"ChainUnchecked", []catcher{
		{pkg: "history", test: "TestCursorOfAnotherHistory"},
	}},
	{"AheadOfApplied", []catcher{
		{pkg: "history", test: "TestStoreAhead"},
		{pkg: "history", test: "TestEditedAhead"},
	}},
	{"WatermarkOutside", []catcher{
		{pkg: "store", test: "TestSQLite/CommitGap"},
	}},
	{"GuardOff", []catcher{
		{pkg: "store", test: "TestSQLite/CommitFenced"},
	}},
	{"DeletedTextKept", []catcher{
		{pkg: "store", test: "TestDeletedIsGone"},
	}},
	{"SlowSkipped", []catcher{
		{pkg: "socketio", test: "TestOnOverflow"},
	}},
}
