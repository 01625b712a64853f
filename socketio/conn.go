package socketio

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"sync"

	"github.com/parleychat/parley/socketio/engineio"
)

// conn is one Engine.IO session seen from here: the sockets it carries. It is
// the session's receiver, so Message and Closed are never called at the same
// time; what only they touch needs no lock.
type conn struct {
	server  *Server
	session *engineio.Session

	opening *opening  // nil once every namespace there is has been joined
	pending *assembly // a binary packet that lacks attachments
	refused int       // requests to join that were refused

	mu      sync.Mutex // guards what follows; never held over a callback
	sockets []*Socket  // those that joined, also if they have left again
	closing bool
}

// opening is what is kept of the request that opened the session, for as long
// as it may be asked for.
type opening struct {
	header     http.Header
	query      string
	remoteAddr string
	address    netip.Addr
	tls        bool
}

// maxRefused is how often one connection may ask in vain to join a namespace.
const maxRefused = 16

var (
	errState  = errors.New("socketio: packet does not fit the state")
	errInside = errors.New("socketio: packet inside a binary packet")
)

// Message gets one packet, or one attachment.
func (c *conn) Message(data []byte, binary bool) error {
	if binary {
		return c.attach(data)
	}
	if c.pending != nil {
		return errInside
	}
	p, err := parsePacket(data)
	if err != nil {
		return err
	}
	socket := c.find(p.namespace)
	if p.kind == packetConnect {
		return c.connect(p, socket)
	}
	if socket == nil {
		return errState
	}
	switch p.kind {
	case packetDisconnect:
		socket.leave(ReasonClientDisconnect)
		return nil
	case packetBinaryEvent, packetBinaryAck:
		if p.attachments > 0 {
			return c.assemble(p, socket)
		}
	}
	p.data = bytes.Clone(p.data)
	return socket.receive(p, nil)
}

// find returns the socket of a namespace, or nil if it was never joined.
func (c *conn) find(namespace []byte) *Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sockets {
		if s.namespace.name == string(namespace) {
			return s
		}
	}
	return nil
}

// connect answers a request to join.
func (c *conn) connect(p packet, before *Socket) error {
	if before != nil && !before.left() {
		return errState
	}
	namespace := c.server.namespace(p.namespace)
	if namespace == nil {
		return c.refuse(string(p.namespace), &ConnectError{Message: "Invalid namespace"})
	}
	if c.opening == nil {
		// It left and wants to come back, but what it could be judged by is
		// gone. A new connection brings that along, and clients make one.
		c.session.CloseAfter(ReasonTransportClose)
		return nil
	}
	handshake := c.handshake(namespace.name)
	handshake.Auth = bytes.Clone(p.data)
	ctx, cancel := context.WithTimeout(c.server.ctx, c.server.config.ConnectTimeout)
	err := namespace.ask(ctx, handshake)
	cancel()
	if err != nil {
		told, internal := refusalOf(err)
		if internal {
			c.server.config.Logger.Error("socketio: middleware failed", "namespace", namespace.name, "error", err)
		}
		return c.refuse(namespace.name, told)
	}
	c.join(namespace, handshake.Value)
	return nil
}

func (c *conn) handshake(namespace string) *Handshake {
	o := c.opening
	return &Handshake{
		Header:     o.header,
		Query:      parseQuery(o.query),
		RemoteAddr: o.remoteAddr,
		Address:    o.address,
		TLS:        o.tls,
		Transport:  c.session.Transport(),
		Namespace:  namespace,
	}
}

func (c *conn) refuse(namespace string, told *ConnectError) error {
	if c.refused++; c.refused > maxRefused {
		return errState
	}
	c.session.Queue(connectErrorFrame(namespace, told))
	c.session.Flush()
	return nil
}

// join makes a socket. The answer to the client and whatever OnConnect queues
// leave in one write.
func (c *conn) join(namespace *Namespace, value any) {
	socket := newSocket(c, namespace, value)
	if !c.add(socket) {
		return
	}
	c.session.ClearTimeout()
	c.session.Queue(connectFrame(namespace.name, socket.ID()))
	namespace.welcome(socket)
	c.session.Flush()
}

// add puts a socket in the place of an earlier one of its namespace, and drops
// what was kept for joining when nothing is left to join. It returns false when
// the session has begun to close.
func (c *conn) add(socket *Socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return false
	}
	c.sockets = slices.DeleteFunc(c.sockets, func(s *Socket) bool { return s.namespace == socket.namespace })
	c.sockets = append(c.sockets, socket)
	if len(c.sockets) == c.server.numNamespaces() {
		c.opening = nil
	}
	return true
}

// assemble begins a binary packet.
func (c *conn) assemble(p packet, socket *Socket) error {
	p.data = bytes.Clone(p.data)
	p.namespace = nil
	c.pending = &assembly{socket: socket, packet: p, size: len(p.data)}
	// Attachments follow at once or not at all.
	c.session.SetTimeout(c.server.config.PingInterval+c.server.config.PingTimeout, ReasonParseError)
	return nil
}

// attach takes one attachment of the pending packet. All of a packet together
// may be as long as one message.
func (c *conn) attach(data []byte) error {
	a := c.pending
	if a == nil {
		return errState
	}
	a.size += len(data)
	if a.size > c.server.config.MaxPayload {
		return errPacket
	}
	a.attachments = append(a.attachments, bytes.Clone(data))
	if len(a.attachments) < a.packet.attachments {
		return nil
	}
	c.pending = nil
	c.session.ClearTimeout()
	return a.socket.receive(a.packet, a.attachments)
}

// Closing is the moment from which the sockets take nothing.
func (c *conn) Closing(reason Reason) {
	c.mu.Lock()
	c.closing = true
	sockets := slices.Clone(c.sockets)
	c.mu.Unlock()
	for _, s := range sockets {
		s.stop()
	}
}

// Closed tells the sockets.
func (c *conn) Closed(reason Reason) {
	c.mu.Lock()
	sockets := slices.Clone(c.sockets)
	c.mu.Unlock()
	for _, s := range sockets {
		s.stop()
		s.tell(reason)
	}
}
