package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"syscall"
)

// Own frames: a ready frame goes out with one non-blocking write(2) on the raw
// socket; a reader waits for readability without a buffer and borrows one from
// a pool while there is something to read.

var readBuffers = sync.Pool{New: func() any { return new([8 << 10]byte) }}

type ownConn struct {
	tcp *net.TCPConn
	fd  int
	mu  sync.Mutex // frames are written whole
}

func (c *ownConn) send(payload []byte) error { return c.write(ownFrame(payload)) }
func (c *ownConn) deliver(m message) error   { return c.write(m.frame) }

func (c *ownConn) write(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := syscall.Write(c.fd, b)
	if n == len(b) {
		return nil
	}
	if err != nil && err != syscall.EAGAIN && err != syscall.EINTR {
		return err
	}
	_, err = c.tcp.Write(b[max(n, 0):])
	return err
}

func ownFrame(payload []byte) []byte {
	b := append(make([]byte, 0, len(payload)+4), 0x81)
	if n := len(payload); n < 126 {
		b = append(b, byte(n))
	} else {
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	}
	return append(b, payload...)
}

func serveOwn(ln net.Listener) error {
	h := newHub(func(payload []byte) message { return message{frame: ownFrame(payload)} })
	for {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		go serveOwnConn(h, c.(*net.TCPConn))
	}
}

func serveOwnConn(h *hub, tcp *net.TCPConn) {
	defer tcp.Close()
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	c := &ownConn{tcp: tcp}
	if raw.Control(func(fd uintptr) { c.fd = int(fd) }) != nil || ownUpgrade(tcp, c) != nil {
		return
	}
	s := &session{hub: h, conn: c}
	defer s.leave()
	var (
		rest []byte
		buf  *[8 << 10]byte
		n    int
	)
	read := func(fd uintptr) bool {
		buf = readBuffers.Get().(*[8 << 10]byte)
		n, err = syscall.Read(int(fd), buf[:])
		if err == syscall.EAGAIN {
			readBuffers.Put(buf)
			return false
		}
		return true
	}
	for raw.Read(read) == nil && err == nil && n > 0 {
		rest, err = ownFrames(append(rest, buf[:n]...), s)
		readBuffers.Put(buf)
		if err != nil {
			return
		}
	}
}

// ownFrames handles the complete frames in b and returns a copy of what follows.
func ownFrames(b []byte, s *session) (rest []byte, err error) {
	for len(b) >= 6 {
		head, n := 2, int(b[1]&0x7F)
		if n == 126 {
			head, n = 4, int(binary.BigEndian.Uint16(b[2:]))
		}
		if b[0] != 0x81 || b[1]&0x80 == 0 || n == 127 {
			return nil, errors.New("no small masked text frame")
		}
		if len(b) < head+4+n {
			break
		}
		mask, payload := b[head:head+4], b[head+4:head+4+n]
		for i := range payload {
			payload[i] ^= mask[i&3]
		}
		if err := s.packet(payload); err != nil {
			return nil, err
		}
		b = b[head+4+n:]
	}
	if len(b) == 0 {
		return nil, nil
	}
	return append([]byte(nil), b...), nil
}

func ownUpgrade(tcp *net.TCPConn, c *ownConn) error {
	buf := readBuffers.Get().(*[8 << 10]byte)
	defer readBuffers.Put(buf)
	n, err := tcp.Read(buf[:])
	if err != nil {
		return err
	}
	_, key, ok := bytes.Cut(buf[:n], []byte("Sec-WebSocket-Key: "))
	key, _, ok2 := bytes.Cut(key, []byte("\r\n"))
	if !ok || !ok2 {
		return errors.New("no upgrade in one segment")
	}
	sum := sha1.Sum([]byte(string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return c.write(append([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+
		base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n"), ownFrame([]byte(openPacket))...))
}
