package chat

import "time"

// Limits of what people write. Error texts and documents are made from these.
const (
	MaxEmailBytes     = 254
	MinPasswordChars  = 8
	MaxPasswordChars  = 128
	MaxNameChars      = 64 // display name
	MinHandleChars    = 2
	MaxHandleChars    = 32
	MaxRoomNameChars  = 80
	MaxTopicChars     = 250
	MaxMessageChars   = 10_000
	MaxMessageBytes   = 40 << 10
	MaxCIDChars       = 64
	MaxRecordBytes    = 64 << 10 // with headers
	MaxRoomMembers    = 100_000
	MaxRoomsPerPerson = 5_000
	MinGroupMembers   = 2
	MaxGroupMembers   = 12
	MaxMentions       = 50
)

// Limits of reading.
const (
	DefaultPage     = 50
	MaxPage         = 200
	DefaultRecent   = 20 // the page of Turbo-Chat's clients
	MaxResumeEvents = 500
	MaxResumeBytes  = 512 << 10
	DefaultLatest   = 50
	RingEvents      = 256 // at least so many last events of an open room stay in memory
)

// Constants of [Apply], frozen with the record version: every node that reads
// version 1 uses these values, and those of MinGroupMembers, MaxGroupMembers
// and MaxRoomMembers above.
const (
	// WindowRecords is how many of a room's last records Apply remembers.
	WindowRecords = 1024
)

// Times.
const (
	AckTimeout    = 10 * time.Second // then the answer is unknown
	UnresolvedMax = 60 * time.Second // an append unresolved so long: no more sends on this node
	TableSpan     = 10 * time.Minute // cids made within it are answered without asking the store
	OpeningSpan   = time.Minute      // the same right after a room was opened
	RoomIdle      = 60 * time.Second // a room stays open so long after its last use
	ReadWait      = 2 * time.Second  // a read waits so long for the applied position
	PresenceTick  = 200 * time.Millisecond
)
