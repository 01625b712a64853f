package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// value is a record's value as it is read. Members that are not named here are
// passed over: a newer node may add what [Apply] does not look at without a new
// version.
type value struct {
	Kind       Kind     `json:"kind"`
	Room       RoomID   `json:"roomId"`
	User       UserID   `json:"userId"`
	CID        string   `json:"cid"`
	ID         string   `json:"id"`
	MAC        string   `json:"mac"`
	At         int64    `json:"at"`
	Text       string   `json:"messageText"`
	ReplyTo    string   `json:"replyTo"`
	Mentions   []UserID `json:"mentions"`
	TargetSeq  Seq      `json:"targetSeq"`
	TargetUser UserID   `json:"targetUser"`
	Name       string   `json:"name"`
	Topic      string   `json:"topic"`
	RoomKind   RoomKind `json:"roomKind"`
	Role       Role     `json:"role"`
	Emoji      string   `json:"emoji"`
	Members    []Member `json:"members"`
}

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

// framePrefix are the members that [AppendFrame] puts in front of a value,
// folded; in the value itself they would make a frame with a key twice.
var framePrefix = map[string]bool{
	"seq": true, "n": true, "cursor": true, "roomname": true, "username": true, "rev": true, "deleted": true,
}

var valueType = reflect.TypeFor[value]()

func decodeValue(data []byte) (*Record, error) {
	// Frames are cut together behind the brace.
	if len(data) < 2 || data[0] != '{' || data[1] != '"' {
		return nil, errors.New("its value is no object")
	}
	if err := scanJSON(data, valueType, framePrefix); err != nil {
		return nil, err
	}
	var v value
	if err := json.Unmarshal(data, &v); err != nil {
		return nil, err
	}
	return &Record{
		Kind:       v.Kind,
		Room:       v.Room,
		User:       v.User,
		Mentions:   v.Mentions,
		CID:        v.CID,
		ID:         v.ID,
		MAC:        v.MAC,
		At:         v.At,
		Text:       v.Text,
		ReplyTo:    v.ReplyTo,
		TargetSeq:  v.TargetSeq,
		TargetUser: v.TargetUser,
		Name:       v.Name,
		Topic:      v.Topic,
		RoomKind:   v.RoomKind,
		Role:       v.Role,
		Emoji:      v.Emoji,
		Members:    v.Members,
	}, nil
}
