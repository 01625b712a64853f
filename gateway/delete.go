package gateway

import (
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/socketio"
)

// deleteMessage erases what a message says. Its number stays.
func (c *conn) deleteMessage(ev *socketio.Event) {
	var req protocol.DeleteRequest
	if err := decode(ev, &req); err != nil {
		c.refuse(ev, err)
		return
	}
	draft, err := c.draftChange(chat.KindDelete, req.Change)
	if err != nil {
		c.refuse(ev, err)
		return
	}
	c.submit(ev, draft, req.Retry)
}
