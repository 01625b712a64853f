package chat

import "strconv"

// AppendFrame appends the event as clients get it: the record's value with the
// members seq, n, cursor, roomName and userName in front, and rev and deleted
// where a message was changed. Names are display data, as known now; an empty
// one is left out. A void is only {seq, cursor, kind:"void", roomId}, and so,
// with its own kind, is what [Event.Hidden] makes.
//
// One frame serves everybody who may read the event.
func AppendFrame(dst []byte, ev *Event, roomName, userName string) []byte {
	switch {
	case ev.Void():
		return appendBare(dst, ev, KindVoid)
	case ev.Kind == KindHidden:
		return appendBare(dst, ev, KindHidden)
	}
	o := object{buf: dst}
	o.number("seq", uint64(ev.Seq))
	o.number("n", ev.N)
	o.cursor(ev.Seq, ev.Chain)
	o.optionalText("roomName", roomName)
	o.optionalText("userName", userName)
	o.optionalNumber("rev", uint64(ev.Rev))
	if ev.Deleted {
		o.key("deleted")
		o.buf = append(o.buf, "true"...)
	}
	if len(ev.Body) < 2 || ev.Body[0] != '{' || ev.Body[1] != '"' {
		// Only the value of an unknown version can look like this.
		o.text("kind", string(ev.Kind))
		o.number("roomId", uint64(ev.Room))
		return o.end()
	}
	o.buf = append(o.buf, ',')
	return append(o.buf, ev.Body[1:]...)
}

func appendBare(dst []byte, ev *Event, kind Kind) []byte {
	o := object{buf: dst}
	o.number("seq", uint64(ev.Seq))
	o.cursor(ev.Seq, ev.Chain)
	o.text("kind", string(kind))
	o.number("roomId", uint64(ev.Room))
	return o.end()
}

// AppendGap appends the notice that the events from to to were left out. It
// stands before the first event behind them.
func AppendGap(dst []byte, room RoomID, from, to Seq) []byte {
	o := object{buf: dst}
	o.text("kind", string(KindGap))
	o.number("roomId", uint64(room))
	o.number("from", uint64(from))
	o.number("to", uint64(to))
	return o.end()
}

// ResetReason says why a client has to forget what it holds of a room.
type ResetReason string

const (
	ResetHistory    ResetReason = "history"    // it holds another history
	ResetAhead      ResetReason = "ahead"      // it holds a number that was never reached
	ResetMembership ResetReason = "membership" // it holds what is before the person's first readable event
	ResetNumbering  ResetReason = "numbering"  // the numbers did not follow each other
)

// AppendReset appends the notice that ends a subscription: what the client
// holds is not a part of the room's history as this person may read it.
func AppendReset(dst []byte, room RoomID, reason ResetReason, head Head) []byte {
	o := object{buf: dst}
	o.text("kind", string(KindReset))
	o.number("roomId", uint64(room))
	o.text("reason", string(reason))
	o.key("head")
	inner := object{buf: o.buf}
	inner.number("seq", uint64(head.Seq))
	inner.number("n", head.N)
	inner.cursor(head.Seq, head.Chain)
	o.buf = inner.end()
	return o.end()
}

// cursor appends without the strings that [Cursor] would make.
func (o *object) cursor(seq Seq, chain Chain) {
	o.key("cursor")
	o.buf = append(o.buf, '"')
	o.buf = strconv.AppendUint(o.buf, uint64(seq), 10)
	if seq != 0 {
		o.buf = append(o.buf, '.')
		o.buf = chain.appendCheck(o.buf)
	}
	o.buf = append(o.buf, '"')
}
