package failpoint

// Point is a place in the code.
type Point string

// The points, in the order in which a message meets them.
const (
	LogAppended     Point = "log-appended"     // records are in the log's transaction, which is not committed
	LogDurable      Point = "log-durable"      // committed, and no follower has seen it
	LogAnswered     Point = "log-answered"     // followers have it, the appender has no answer
	LogCheckpointed Point = "log-checkpointed" // the write-ahead log is in the file, and nothing was committed since
	LogTrimming     Point = "log-trimming"     // records are deleted in a transaction, which is not committed
	LogTrimmed      Point = "log-trimmed"      // committed, and nobody knows
	Applied         Point = "applied"          // a send of this node is applied and posted, its sender has no answer
	FanOut          Point = "fan-out"          // half of a room's sockets of a shard have the event
	CatchUpBegun    Point = "catch-up-begun"   // subscribed, and what was missed is not read
	CatchUpSent     Point = "catch-up-sent"    // what was missed is posted, and neither the answer nor what came meanwhile is
	DrainClosed     Point = "drain-closed"     // a socket of a server that stops is closed; pass k: the k-th
	RecorderBegins  Point = "recorder-begins"  // a batch is complete, and no statement was run
	RecorderStored  Point = "recorder-stored"  // everything of a batch is written, and not committed
	RecorderDone    Point = "recorder-done"    // a batch is committed, and the recorder has not moved on
	RoomReserved    Point = "room-reserved"    // a room's name is taken, and the log does not know it
	RoomAppended    Point = "room-appended"    // a room is created in the log, and waits for the store
	AccountInserted Point = "account-inserted" // an account is written, and not committed
	AccountStored   Point = "account-stored"   // committed, and the person has no answer
	RefreshInserted Point = "refresh-inserted" // a refresh token is replaced, and that is not committed
	RefreshRotated  Point = "refresh-rotated"  // committed, and the person has the old one
)

// Points lists all points.
func Points() []Point {
	return []Point{
		LogAppended, LogDurable, LogAnswered, LogCheckpointed, LogTrimming, LogTrimmed,
		Applied, FanOut, CatchUpBegun, CatchUpSent, DrainClosed,
		RecorderBegins, RecorderStored, RecorderDone,
		RoomReserved, RoomAppended, AccountInserted, AccountStored, RefreshInserted, RefreshRotated,
	}
}
