package gateway

import (
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/internal/planted"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// maxUnacknowledged is how many sends of one socket may wait for their answer.
const maxUnacknowledged = 64

// sendMessage takes a message to the log. It runs on the reading goroutine up
// to the hand-over, which keeps the order of arrival; the answer comes behind
// the message's own frame.
func (c *conn) sendMessage(ev *socketio.Event) {
	var req protocol.SendRequest
	if err := decode(ev, &req); err != nil {
		c.refuse(ev, err)
		return
	}
	draft, err := c.draftMessage(&req)
	if err != nil {
		c.refuse(ev, err)
		return
	}
	c.submit(ev, draft, req.Retry)
}

// submit hands what a client sent over to the log.
func (c *conn) submit(ev *socketio.Event, draft chat.Record, retry bool) {
	if c.unacknowledged.Add(1) > maxUnacknowledged {
		c.unacknowledged.Add(-1)
		c.refuse(ev, busySocket())
		return
	}
	submission := fanout.Submission{
		Draft: draft,
		Retry: retry,
		From:  c.client,
		Done: func(answer chat.Answer) {
			c.unacknowledged.Add(-1)
			c.answerSend(ev, answer)
		},
	}
	if planted.SendsUnordered {
		go c.gw.cfg.Hub.Submit(c.ctx, submission)
		return
	}
	c.gw.cfg.Hub.Submit(c.ctx, submission)
}

// draftMessage judges what can be judged without the room.
func (c *conn) draftMessage(req *protocol.SendRequest) (chat.Record, error) {
	if err := c.limits.Sends.Take(c.gw.now()); err != nil {
		return chat.Record{}, err
	}
	room, err := c.room(req.RoomRef)
	if err != nil {
		return chat.Record{}, err
	}
	if req.MessageText == "" {
		req.MessageText = req.Message
	}
	text, err := chat.NormalizeText(req.MessageText)
	if err != nil {
		return chat.Record{}, err
	}
	if req.CID != "" {
		if err := chat.CheckCID(req.CID); err != nil {
			return chat.Record{}, err
		}
	}
	return chat.Record{Kind: chat.KindMessage, Room: room, User: c.user(), CID: req.CID, Text: text}, nil
}

// answerSend runs on the client's shard.
func (c *conn) answerSend(ev *socketio.Event, answer chat.Answer) {
	if answer.Err != nil {
		c.gw.cfg.Refused(answer.Err.Code)
		if !ev.HasAck() {
			c.tellTurbo(answer.Err)
			return
		}
		c.socket.Queue(c.ackFrame(ev, protocol.Refusal{Error: errorInfo(answer.Err)}))
		return
	}
	if frame := c.ackFrame(ev, protocol.SendAck{
		OK: true, ID: answer.ID, Seq: uint64(answer.Seq), Cursor: answer.Cursor.String(),
		At: answer.At, Duplicate: answer.Duplicate,
	}); frame != nil {
		c.socket.Queue(frame)
	}
}

func busySocket() *chat.Error {
	refusal := chat.Errorf(chat.Busy, "Too many sends of this socket wait for their answer. Wait for one first.")
	refusal.RetryAfter = 100 * time.Millisecond
	return refusal
}
