package chat

// Room is what is known of a room beside its events.
type Room struct {
	ID        RoomID
	Kind      RoomKind
	Name      string
	Topic     string
	Partition int32
	CreatedBy UserID
	CreatedAt int64 // ms UTC
	UpdatedAt int64 // ms UTC
	Archived  bool
	Head      Head // as stored
	Members   int
}

// State is everything that [Apply] needs of a room at one position. It is
// loaded from the store (see [Opening]) and changed by Apply alone. It is not
// safe for concurrent use.
type State struct {
	Room      RoomID
	Kind      RoomKind // empty: create has not been applied
	Name      string
	Topic     string
	Archived  bool
	CreatedBy UserID
	Members   map[UserID]Member
	Bans      map[UserID]struct{}
	Head      Head
	Window    Window
}

// WindowEntry is what Apply remembers of one recent record, voids included.
type WindowEntry struct {
	Seq     Seq
	Kind    Kind
	User    UserID
	CID     string // empty for the voids copy, cid_conflict, stale, undecodable
	MAC     string
	Outcome Outcome
	Target  Seq
	Chain   Chain // with At: lets a copy be answered like the first
	At      int64
}

// Opening is one consistent reading of the store: all that a node needs to
// open a room (semantics: "Opening a room on a node").
type Opening struct {
	Watermark int64 // the next offset of the room's partition that the store does not hold
	Room      Room
	State     *State
	Recent    []*Event // the last [RingEvents] events, in seq order
	Answers   Answers  // every event whose cid is a UUIDv7 made since the asked time
	People    []Person // members and the authors of Recent, as far as the store has them
}

// Answered is the answer that a cid got.
type Answered struct {
	User    UserID
	CID     string
	MAC     string
	Outcome Outcome
	Answer  Answer // without Duplicate
}
