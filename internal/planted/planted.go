// Package planted names bugs that can be built into the server on purpose, one at
// a time, to prove that the tests and the judge of histories would find them:
// `make mutants` builds each and fails if nobody notices.
//
// A bug is a constant that is true only under its build tag, so that
//
//	if planted.AckBeforeCommit {
//
// is code that the compiler leaves out of every normal build, name and all. One
// file for each tag says which constant it makes true; two tags at once do not
// compile. Any package of the server may import this one; it imports nothing.
//
// cmd/mutants (in this directory) runs them; docs/testing.md lists them with
// what has to catch each.
package planted

// The bugs. Each comment says what the server does wrong.
const (
	// AckBeforeCommit: acknowledges and shows records before the transaction that holds them is committed.
	AckBeforeCommit = bug == "AckBeforeCommit"
	// CopiesOff: Apply does not look for copies in the window.
	CopiesOff = bug == "CopiesOff"
	// TableOff: a cid is not looked up in the room's table before it is sent to the log.
	TableOff = bug == "TableOff"
	// FetchThenSubscribe: a socket that catches up loses what happens meanwhile, as if it had read first and subscribed then.
	FetchThenSubscribe = bug == "FetchThenSubscribe"
	// OpeningUnpinned: records that a room needs while it is being opened may be dropped.
	OpeningUnpinned = bug == "OpeningUnpinned"
	// MembershipCached: a subscription keeps the right to read that it began with.
	MembershipCached = bug == "MembershipCached"
	// AnswerFirst: a send is answered before its event is shown.
	AnswerFirst = bug == "AnswerFirst"
	// UnknownFailed: an append of unknown outcome is answered as one that has failed.
	UnknownFailed = bug == "UnknownFailed"
	// StaleRead: a read does not wait for what is in the log already.
	StaleRead = bug == "StaleRead"
	// SendsUnordered: the sends of one socket race each other to the log.
	SendsUnordered = bug == "SendsUnordered"
	// RevIgnored: a message takes an older edit over a newer one.
	RevIgnored = bug == "RevIgnored"
	// CursorOffByOne: a resume leaves out the first event behind the cursor.
	CursorOffByOne = bug == "CursorOffByOne"
	// ChainUnchecked: a resume goes on from a cursor of another history.
	ChainUnchecked = bug == "ChainUnchecked"
	// AheadOfApplied: an answer shows what the store holds above the position that it is made at.
	AheadOfApplied = bug == "AheadOfApplied"
	// WatermarkOutside: the watermark moves in a transaction of its own.
	WatermarkOutside = bug == "WatermarkOutside"
	// GuardOff: a recorder stores its batch wherever the watermark stands.
	GuardOff = bug == "GuardOff"
	// DeletedTextKept: the former texts of a deleted message stay in the database.
	DeletedTextKept = bug == "DeletedTextKept"
	// SlowSkipped: frames that a slow peer has no room for are left out, and the peer stays.
	SlowSkipped = bug == "SlowSkipped"
)
