package main

import (
	"net"
	"net/http"

	"github.com/lxzan/gws"
)

// lxzan/gws as its documentation shows it: an event handler, a read loop per
// socket. Messages for many go out either with WriteMessage from the goroutine
// that has them, or through its Broadcaster, which prepares the frame once and
// hands it to each socket's queue.

type gwsConn struct{ *gws.Conn }

func (c gwsConn) send(payload []byte) error { return c.WriteMessage(gws.OpcodeText, payload) }

func (c gwsConn) deliver(m message) error {
	if m.broadcast != nil {
		return m.broadcast.Broadcast(c.Conn)
	}
	return c.send(m.payload)
}

type gwsHandler struct {
	gws.BuiltinEventHandler
	hub *hub
}

func (h *gwsHandler) OnOpen(c *gws.Conn) {
	s := &session{hub: h.hub, conn: gwsConn{c}}
	c.Session().Store("s", s)
	if s.conn.send([]byte(openPacket)) != nil {
		c.NetConn().Close()
	}
}

func (h *gwsHandler) OnClose(c *gws.Conn, _ error) {
	if s, ok := c.Session().Load("s"); ok {
		s.(*session).leave()
	}
}

func (h *gwsHandler) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	s, ok := c.Session().Load("s")
	if !ok || s.(*session).packet(m.Bytes()) != nil {
		c.NetConn().Close()
	}
}

func serveGWS(ln net.Listener) error {
	return runGWS(ln, func(payload []byte) message { return message{payload: payload} })
}

func serveGWSBroadcast(ln net.Listener) error {
	return runGWS(ln, func(payload []byte) message {
		return message{broadcast: gws.NewBroadcaster(gws.OpcodeText, payload)}
	})
}

func runGWS(ln net.Listener, prepare func([]byte) message) error {
	upgrader := gws.NewUpgrader(&gwsHandler{hub: newHub(prepare)}, &gws.ServerOption{})
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r)
		if err != nil {
			return
		}
		go c.ReadLoop() // the handler returns, so that net/http lets go of its memory
	}))
}
