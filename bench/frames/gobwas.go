package main

import (
	"io"
	"net"
	"sync"

	"github.com/gobwas/ws"
)

// gobwas/ws at its low level: the upgrade on the bare connection, compiled
// frames for everyone, headers and payloads read without a buffered reader.

type gobwasConn struct {
	net.Conn
	mu sync.Mutex // frames are written whole
}

func (c *gobwasConn) send(payload []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ws.WriteFrame(c.Conn, ws.NewTextFrame(payload))
}

func (c *gobwasConn) deliver(m message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.Conn.Write(m.frame)
	return err
}

func serveGobwas(ln net.Listener) error {
	h := newHub(func(payload []byte) message {
		return message{frame: ws.MustCompileFrame(ws.NewTextFrame(payload))}
	})
	for {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		go serveGobwasConn(h, c)
	}
}

func serveGobwasConn(h *hub, nc net.Conn) {
	defer nc.Close()
	if _, err := ws.Upgrade(nc); err != nil {
		return
	}
	c := &gobwasConn{Conn: nc}
	if c.send([]byte(openPacket)) != nil {
		return
	}
	s := &session{hub: h, conn: c}
	defer s.leave()
	for {
		head, err := ws.ReadHeader(nc)
		if err != nil || head.OpCode != ws.OpText {
			return
		}
		payload := make([]byte, head.Length)
		if _, err := io.ReadFull(nc, payload); err != nil {
			return
		}
		ws.Cipher(payload, head.Mask, 0)
		if s.packet(payload) != nil {
			return
		}
	}
}
