package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Decode reads a record of the log. The error is [ErrUnknownVersion] or
// [ErrUnknownKind], which a newer node wrote (see [ApplyUnknown]), or
// [ErrUndecodable] for anything that is broken, which is void (see
// [ApplyUndecodable]) when [Peek] finds its room.
//
// It is strict: what it takes is what [Encode] could have made, with headers
// and value saying the same. It checks no limit that may ever be configured,
// for a record that some nodes read and others do not would part their numbers.
func Decode[H ~struct {
	Key   string
	Value []byte
}](headers []H, data []byte) (*Record, error) {
	e, err := Peek(headers)
	if err != nil {
		return nil, err
	}
	rec, err := decodeValue(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUndecodable, err)
	}
	if rec.Kind != e.Kind || rec.Room != e.Room || rec.User != e.User {
		return nil, fmt.Errorf("%w: header and value differ in kind, room or user", ErrUndecodable)
	}
	rec.Version = e.Version
	rec.After = e.After
	targets, targetsOK := parseUsers(e.targets)
	mentions, mentionsOK := parseUsers(e.mentions)
	rec.Targets = targets
	if !targetsOK || !mentionsOK || !slices.Equal(mentions, rec.Mentions) {
		return nil, fmt.Errorf("%w: header target or mentions is malformed", ErrUndecodable)
	}
	if err := rec.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUndecodable, err)
	}
	return rec, nil
}

// valueMembers reads each member of a value into its field. Members that are
// not named here are passed over: a newer node may add what [Apply] does not
// look at without a new version.
var valueMembers = map[string]func(*Record, []byte) bool{
	"kind":        func(r *Record, raw []byte) bool { return readText(&r.Kind, raw) },
	"roomId":      func(r *Record, raw []byte) bool { return readNumber(&r.Room, raw) },
	"userId":      func(r *Record, raw []byte) bool { return readNumber(&r.User, raw) },
	"cid":         func(r *Record, raw []byte) bool { return readText(&r.CID, raw) },
	"id":          func(r *Record, raw []byte) bool { return readText(&r.ID, raw) },
	"mac":         func(r *Record, raw []byte) bool { return readText(&r.MAC, raw) },
	"at":          func(r *Record, raw []byte) bool { return readNumber(&r.At, raw) },
	"messageText": func(r *Record, raw []byte) bool { return readText(&r.Text, raw) },
	"replyTo":     func(r *Record, raw []byte) bool { return readText(&r.ReplyTo, raw) },
	"mentions":    func(r *Record, raw []byte) bool { return readList(&r.Mentions, raw) },
	"targetSeq":   func(r *Record, raw []byte) bool { return readNumber(&r.TargetSeq, raw) },
	"targetUser":  func(r *Record, raw []byte) bool { return readNumber(&r.TargetUser, raw) },
	"name":        func(r *Record, raw []byte) bool { return readText(&r.Name, raw) },
	"topic":       func(r *Record, raw []byte) bool { return readText(&r.Topic, raw) },
	"roomKind":    func(r *Record, raw []byte) bool { return readText(&r.RoomKind, raw) },
	"role":        func(r *Record, raw []byte) bool { return readText(&r.Role, raw) },
	"emoji":       func(r *Record, raw []byte) bool { return readText(&r.Emoji, raw) },
	"members":     func(r *Record, raw []byte) bool { return readList(&r.Members, raw) },
}

var valueFields = namedFields(slices.Collect(maps.Keys(valueMembers)))

// framePrefix are the members that [AppendFrame] puts in front of a value,
// folded; in the value itself they would make a frame with a key twice.
var framePrefix = map[string]bool{
	"seq": true, "n": true, "cursor": true, "roomname": true, "username": true, "rev": true, "deleted": true,
}

func decodeValue(data []byte) (*Record, error) {
	// Frames are cut together behind the brace.
	if len(data) < 2 || data[0] != '{' || data[1] != '"' {
		return nil, errors.New("its value is no object")
	}
	scan := jsonScanner{data: data, top: valueFields, reserved: framePrefix}
	if err := scan.whole(nil); err != nil {
		return nil, err
	}
	rec := new(Record)
	bad := ""
	read := jsonScanner{data: data}
	err := read.members(func(key, _, raw []byte) {
		if set, known := valueMembers[string(key)]; known && !set(rec, raw) {
			bad = string(key)
		}
	})
	switch {
	case err != nil:
		return nil, err
	case bad != "":
		return nil, fmt.Errorf("its %s is of another type", bad)
	}
	return rec, nil
}

func readText[T ~string](dst *T, raw []byte) bool {
	if raw[0] != '"' {
		return false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		*dst = T(raw[1 : len(raw)-1])
		return true
	}
	return json.Unmarshal(raw, dst) == nil
}

func readNumber[T ~int64 | ~uint64](dst *T, raw []byte) bool {
	n, ok := parseNumber(raw)
	*dst = T(n)
	return ok
}

func readList[T any](dst *[]T, raw []byte) bool {
	return raw[0] == '[' && json.Unmarshal(raw, dst) == nil
}
