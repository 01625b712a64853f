package main

import (
	"context"
	"net"
	"net/http"

	"github.com/coder/websocket"
)

// coder/websocket as its documentation shows it: Accept in an HTTP handler,
// Read in a loop, Write from whoever has something. It prepares nothing.

type coderConn struct{ *websocket.Conn }

func (c coderConn) send(payload []byte) error {
	return c.Write(context.Background(), websocket.MessageText, payload)
}

func (c coderConn) deliver(m message) error { return c.send(m.payload) }

func serveCoder(ln net.Listener) error {
	h := newHub(func(payload []byte) message { return message{payload: payload} })
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wc, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer wc.CloseNow()
		c := coderConn{wc}
		if c.send([]byte(openPacket)) != nil {
			return
		}
		s := &session{hub: h, conn: c}
		defer s.leave()
		for {
			_, payload, err := wc.Read(context.Background())
			if err != nil || s.packet(payload) != nil {
				return
			}
		}
	}))
}
