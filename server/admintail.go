package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/parleychat/parley/admin"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
)

// TailRequest asks for records of the log.
type TailRequest struct {
	Partition int32 `json:"partition"`
	// From is the first offset, -1 for the beginning of what is kept. Without
	// it the answer begins Last records before the end.
	From *int64 `json:"from,omitempty"`
	Last int64  `json:"last,omitempty"`
	// Epoch, when it is given, must be that of the record at From.
	Epoch  string `json:"epoch,omitempty"`
	Follow bool   `json:"follow,omitempty"` // go on with what comes
	// Room leaves out the records of others: its id, or the name of a public
	// room.
	Room string `json:"room,omitempty"`
}

// FromBeginning is a TailRequest's From for everything that is kept.
const FromBeginning = -1

// TailLine is one record as `parley tail` writes it; docs/log-format.md says
// what headers and value mean.
type TailLine struct {
	Epoch     string            `json:"epoch"`
	Partition int32             `json:"partition"`
	Offset    int64             `json:"offset"`
	Time      time.Time         `json:"time"` // when the log took it
	Key       string            `json:"key"`
	Headers   map[string]string `json:"headers"`
	Value     json.RawMessage   `json:"value,omitempty"`
	// Of a record that no Parley has written: why it is none, and what it is
	// byte for byte.
	Broken      string      `json:"broken,omitempty"`
	RawHeaders  [][2]string `json:"rawHeaders,omitempty"` // names, and values in base64
	ValueBase64 string      `json:"valueBase64,omitempty"`
}

// errTailed ends the Follow of a tail that has all it wants.
var errTailed = errors.New("tailed")

// tail tells records of the log, each as a TailLine. Whoever takes them slowly
// slows nobody else: the log's follower waits alone.
func (d *desk) tail(ctx context.Context, request TailRequest, answer *admin.Answer) error {
	room, err := d.roomNamed(ctx, request.Room)
	if err != nil {
		return err
	}
	from, end, err := d.tailFrom(ctx, request)
	if err != nil || from >= end && !request.Follow {
		return err
	}
	next := from
	err = d.log.Follow(ctx, request.Partition, from, func(entries []eventlog.Entry) error {
		for i := range entries {
			if !request.Follow && entries[i].Offset >= end {
				return errTailed
			}
			if i == 0 && next == from && request.Epoch != "" && entries[i].Epoch != request.Epoch {
				return fmt.Errorf("the record at offset %d is of epoch %s, not of %s: the log was restored or made anew since that offset was seen", from, entries[i].Epoch, request.Epoch)
			}
			if envelope, _ := chat.Peek(entries[i].Headers); room == 0 || envelope.Room == room {
				if err := answer.Tell(tailLine(&entries[i])); err != nil {
					return err
				}
			}
			next = entries[i].Offset + 1
		}
		if !request.Follow && next >= end {
			return errTailed
		}
		return answer.Flush()
	})
	switch {
	case errors.Is(err, errTailed):
		return nil
	case errors.Is(err, eventlog.ErrTruncated):
		return fmt.Errorf("the log was trimmed while it was read, everything up to offset %d was told; go on with --from beginning (%w)", next-1, err)
	}
	return err
}

// tailFrom finds where to begin, and where the log ends now.
func (d *desk) tailFrom(ctx context.Context, request TailRequest) (from, end int64, err error) {
	begin, err := d.log.Begin(ctx, request.Partition)
	if err != nil {
		return 0, 0, err
	}
	if end, err = d.log.End(ctx, request.Partition); err != nil {
		return 0, 0, err
	}
	switch {
	case request.From == nil:
		return max(begin, end-request.Last), end, nil
	case *request.From == FromBeginning:
		return begin, end, nil
	case *request.From < begin:
		return 0, 0, fmt.Errorf("offset %d is no longer in the log, which begins at %d: older records were trimmed after --log-retention. Use --from beginning", *request.From, begin)
	case *request.From > end:
		return 0, 0, fmt.Errorf("offset %d is not yet in the log, which ends at %d", *request.From, end)
	}
	return *request.From, end, nil
}

// roomNamed finds the room that text names by its id or, of a public room, its
// name; 0 when text is empty.
func (d *desk) roomNamed(ctx context.Context, text string) (chat.RoomID, error) {
	if text == "" {
		return 0, nil
	}
	var id int64
	if json.Unmarshal([]byte(text), &id) == nil && id > 0 {
		return chat.RoomID(id), nil
	}
	room, err := d.store.RoomByName(ctx, chat.RoomNameKey(text))
	if chat.AsError(err).Code == chat.NotFound {
		return 0, fmt.Errorf("there is no public room %q; other rooms are named by their id", text)
	}
	return room.ID, err
}

func tailLine(entry *eventlog.Entry) *TailLine {
	line := &TailLine{
		Epoch: entry.Epoch, Partition: entry.Partition, Offset: entry.Offset, Time: entry.Time,
		Key: string(entry.Key), Headers: make(map[string]string, len(entry.Headers)),
	}
	if _, err := chat.Peek(entry.Headers); err != nil {
		line.Broken = err.Error()
	}
	for _, h := range entry.Headers {
		if _, twice := line.Headers[h.Key]; twice || !utf8.Valid(h.Value) || !utf8.ValidString(h.Key) {
			line.RawHeaders = rawHeaders(entry.Headers)
			continue
		}
		line.Headers[h.Key] = string(h.Value)
	}
	if json.Valid(entry.Value) && utf8.Valid(entry.Value) {
		line.Value = entry.Value
	} else {
		line.ValueBase64 = base64.StdEncoding.EncodeToString(entry.Value)
	}
	return line
}

func rawHeaders(headers []eventlog.Header) [][2]string {
	raw := make([][2]string, len(headers))
	for i, h := range headers {
		raw[i] = [2]string{h.Key, base64.StdEncoding.EncodeToString(h.Value)}
	}
	return raw
}
