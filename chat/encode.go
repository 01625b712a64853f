package chat

import "strconv"

// Encode makes the headers and the value of a record, ready for the log: it is
// [EncodeValue] and [AppendHeaders].
func Encode(rec *Record) (headers []Header, value []byte, err error) {
	if value, err = EncodeValue(rec); err != nil {
		return nil, nil, err
	}
	if headers, err = AppendHeaders(make([]Header, 0, headerCount), rec, value); err != nil {
		return nil, nil, err
	}
	return headers, value, nil
}

// EncodeValue makes the value of a record, which holds everything but After. It
// completes rec (Version, ID, Targets), so that a record of this process need
// not be decoded when it comes back from the log: it is the same as what
// [Decode] makes of the bytes.
//
// The error is a refusal, [Invalid], of a record that Decode would not take back.
func EncodeValue(rec *Record) ([]byte, error) {
	rec.Version = Version
	if rec.ID == "" {
		rec.ID = PublicID(rec.Room, rec.User, rec.CID)
	}
	if rec.Targets == nil {
		rec.Targets = rec.membershipTargets()
	}
	if err := rec.check(); err != nil {
		return nil, Errorf(Invalid, "This cannot be recorded: %v.", err)
	}
	return appendValue(make([]byte, 0, 256+len(rec.Text)+len(rec.Text)/8), rec), nil
}

// recordSize counts as the log does, with 8 bytes for each header and room for
// a key.
func recordSize[H ~struct {
	Key   string
	Value []byte
}](headers []H, value []byte) int {
	const perHeader, key = 8, 20
	size := key + len(value)
	for i := range headers {
		h := Header(headers[i])
		size += perHeader + len(h.Key) + len(h.Value)
	}
	return size
}

// membershipTargets is who a membership event adds or removes; nil for other
// kinds.
func (r *Record) membershipTargets() []UserID {
	switch r.Kind {
	case KindCreate:
		targets := make([]UserID, len(r.Members))
		for i, member := range r.Members {
			targets[i] = member.User
		}
		return targets
	case KindJoin, KindLeave:
		return []UserID{r.User}
	case KindInvite, KindKick, KindBan:
		return []UserID{r.TargetUser}
	}
	return nil
}

// appendValue appends the record's value. Its first member is kind: clients
// get the same bytes behind the prefix of [AppendFrame].
func appendValue(dst []byte, rec *Record) []byte {
	o := object{buf: dst}
	o.text("kind", string(rec.Kind))
	o.number("roomId", uint64(rec.Room))
	o.number("userId", uint64(rec.User))
	o.text("cid", rec.CID)
	o.text("id", rec.ID)
	o.optionalText("mac", rec.MAC)
	o.number("at", uint64(rec.At))
	o.optionalText("messageText", rec.Text)
	o.optionalText("replyTo", rec.ReplyTo)
	if len(rec.Mentions) > 0 {
		o.key("mentions")
		o.buf = append(o.buf, '[')
		o.buf = appendUsers(o.buf, rec.Mentions)
		o.buf = append(o.buf, ']')
	}
	o.optionalNumber("targetSeq", uint64(rec.TargetSeq))
	o.optionalNumber("targetUser", uint64(rec.TargetUser))
	o.optionalText("name", rec.Name)
	if rec.Topic != "" || rec.Kind == KindTopic {
		o.text("topic", rec.Topic)
	}
	o.optionalText("roomKind", string(rec.RoomKind))
	o.optionalText("role", string(rec.Role))
	o.optionalText("emoji", rec.Emoji)
	if len(rec.Members) > 0 {
		o.key("members")
		o.buf = appendMembers(o.buf, rec.Members)
	}
	return o.end()
}

func appendMembers(dst []byte, members []Member) []byte {
	dst = append(dst, '[')
	for i, member := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"userId":`...)
		dst = strconv.AppendInt(dst, int64(member.User), 10)
		dst = append(dst, `,"role":`...)
		dst = appendJSONString(dst, string(member.Role))
		dst = append(dst, '}')
	}
	return append(dst, ']')
}
