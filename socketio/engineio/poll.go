package engineio

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// polling is what a session needs while its peer comes and goes with requests.
// Guarded by Session.mu, except what never changes.
type polling struct {
	id   string            // the session id: never changes
	auth [sha256.Size]byte // of the Authorization header it began with: never changes

	resends   bool          // the owner sends the header with every poll
	answered  pollMark      // the poll that was answered last
	getting   bool          // a GET is waiting or being answered
	posting   bool          // a POST is being read or handled
	upgrading bool          // a WebSocket has named the session
	probed    bool          // it has sent its probe: polls end at once, so that the peer can switch
	probe     *wsConn       // that WebSocket, until it has taken over
	wake      chan struct{} // closed to make the waiting GET look again
}

// pollMark tells polls apart: the parameter t, by which clients make the address
// of each poll another one, and the connection that it came on.
type pollMark struct{ t, conn string }

func markOf(r *http.Request) pollMark { return pollMark{r.URL.Query().Get("t"), r.RemoteAddr} }

// repeats reports whether a poll is one that was answered already, and whose
// answer has not arrived: browsers, libraries and proxies send a GET once more,
// on another connection, when the one that they had used again is reset, and tell
// nobody. Who uses always the same t, or none, is not told apart.
func (m pollMark) repeats(answered pollMark) bool {
	return m.t != "" && m.t == answered.t && m.conn != answered.conn
}

// wakeLocked makes a waiting GET look at the session again.
func (p *polling) wakeLocked() {
	if p.wake != nil {
		close(p.wake)
		p.wake = nil
	}
}

// authDigest is what a session remembers of an Authorization header.
func authDigest(r *http.Request) [sha256.Size]byte {
	h := sha256.New()
	for _, value := range r.Header["Authorization"] {
		io.WriteString(h, value)
		h.Write([]byte{'\n'})
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// owns reports whether a request comes from whoever opened the session. One with
// another Authorization header never does. One without is taken for the owner's
// only as long as no request behind the handshake has come with the header:
// browsers send it with every poll, and for them it is required from the first
// poll on; the client for Python sends it with the handshake alone. A WebSocket
// from a browser cannot carry it, so for an upgrade it is never required.
func (s *Session) owns(r *http.Request, webSocket bool) bool {
	p := s.poll
	if digest := authDigest(r); subtle.ConstantTimeCompare(digest[:], p.auth[:]) == 1 {
		s.mu.Lock()
		p.resends = p.resends || !webSocket
		s.mu.Unlock()
		return true
	}
	if len(r.Header["Authorization"]) > 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return webSocket || !p.resends
}

// openPolling answers a handshake over HTTP.
func (s *Server) openPolling(w http.ResponseWriter, r *http.Request) {
	id, err := s.newSessionID()
	if err != nil {
		s.refuse(w, errUnavailable)
		return
	}
	session, refusal := s.newSession(r)
	if refusal != nil {
		s.refuse(w, refusal)
		return
	}
	session.poll = &polling{id: id, auth: authDigest(r)}
	s.admit(session, r)
	s.answer(w, s.openPacket(nil, id, true))
}

// servePoll answers a GET: at once if something is queued, else when there is.
func (s *Session) servePoll(w http.ResponseWriter, r *http.Request) {
	p := s.poll
	s.mu.Lock()
	if s.state == ended || s.ws != nil {
		s.mu.Unlock()
		s.server.refuse(w, errUnknownSession)
		return
	}
	if s.lateLocked(s.server.wheel.now()) {
		s.mu.Unlock()
		s.abort(ReasonPingTimeout)
		s.server.refuse(w, errUnknownSession)
		return
	}
	if p.getting {
		s.mu.Unlock()
		s.close(ReasonTransportError, closeFrame, nil)
		s.server.refuse(w, errOverlap)
		return
	}
	mark := markOf(r)
	if mark.repeats(p.answered) {
		s.mu.Unlock()
		// What it was answered with is lost, as in waitForPoll.
		s.abort(ReasonTransportError)
		s.server.refuse(w, errUnknownSession)
		return
	}
	p.answered = mark
	p.getting = true
	body, refusal := s.waitForPoll(r)
	p.getting = false
	last := s.state == closing && s.ws == nil && len(s.out) == 0
	s.mu.Unlock()

	switch {
	case refusal != nil:
		s.server.refuse(w, refusal)
		return
	case body == nil:
		s.abort(ReasonTransportClose)
		return
	case last:
		s.end()
	}
	if err := s.server.answer(w, body.bytes); err != nil {
		s.abort(ReasonTransportError)
	}
	body.recycle()
}

// switchGrace is how long a poll that comes behind the probe waits for the
// upgrade packet. The two cross on different connections; the packet may have
// been sent first, and then the poll is not one to be answered.
const switchGrace = 20 * time.Millisecond

// waitForPoll waits until there is something to answer the poll with. It is
// called, and returns, with mu held. The answer is nil if the poll was
// cancelled: that has lost whatever it would have been answered with, so the
// session cannot go on.
func (s *Session) waitForPoll(r *http.Request) (*pollBody, *refusal) {
	p := s.poll
	var grace <-chan time.Time
	crossing := p.probed
	if crossing {
		grace = time.After(switchGrace)
	}
	for {
		switch {
		case r.Context().Err() != nil:
			return nil, nil
		case s.ws != nil && crossing:
			return nil, errUnknownSession
		case s.ws == nil && len(s.out) > 0:
			return s.takePollLocked(), nil
		case s.ws != nil || s.state != open || p.probed && grace == nil:
			body := newPollBody()
			body.bytes = appendPart(body.bytes, noopFrame)
			return body, nil
		}
		wake := make(chan struct{})
		p.wake = wake
		s.mu.Unlock()
		select {
		case <-wake:
		case <-grace:
			grace = nil
		case <-r.Context().Done():
		}
		s.mu.Lock()
	}
}

// maxPollPackets is how many packets one polling answer holds at most: the
// client for Python drops the connection when it gets more than that.
const maxPollPackets = 16

// takePollLocked takes queued frames up to MaxPollBuffer and maxPollPackets, at
// least one. A close packet comes alone: the client for JavaScript hands on
// messages a moment after it has read the whole answer, and drops those that
// stand before a close packet.
func (s *Session) takePollLocked() *pollBody {
	body := newPollBody()
	taken := batch{frames: s.out}
	for len(taken.frames) > 0 && taken.count < maxPollPackets {
		frame := taken.frames[0]
		if len(body.bytes) > 0 && (len(body.bytes)+len(frame)*4/3+8 > s.server.config.MaxPollBuffer || bytes.Equal(frame, closeFrame)) {
			break
		}
		body.bytes = appendPart(body.bytes, frame)
		taken.frames = taken.frames[1:]
		taken.freed += len(frame) + frameCost
		taken.count++
	}
	taken.sent, taken.writes = len(body.bytes), 1
	s.accountLocked(&taken)

	rest := copy(s.out, taken.frames)
	clear(s.out[rest:])
	s.out = s.out[:rest]
	return body
}

// pollBody is a polling answer being put together.
type pollBody struct{ bytes []byte }

// Answers longer than this are not kept for the next one.
const keepPollBody = 64 << 10

var pollBodies = sync.Pool{New: func() any { return new(pollBody) }}

func newPollBody() *pollBody { return pollBodies.Get().(*pollBody) }

func (b *pollBody) recycle() {
	if cap(b.bytes) <= keepPollBody {
		b.bytes = b.bytes[:0]
		pollBodies.Put(b)
	}
}

// servePost takes the packets of a POST, one after another, and answers when
// they are handled: a receiver that blocks slows its peer down. Those for a
// session whose farewell still has to be polled are taken and dropped: clients
// give up at the first request that fails, and would not hear why it closes.
func (s *Session) servePost(w http.ResponseWriter, r *http.Request) {
	p := s.poll
	s.mu.Lock()
	if s.state == ended || s.ws != nil {
		s.mu.Unlock()
		s.server.refuse(w, errUnknownSession)
		return
	}
	if p.posting {
		s.mu.Unlock()
		s.close(ReasonTransportError, closeFrame, nil)
		s.server.refuse(w, errOverlap)
		return
	}
	p.posting = true
	s.mu.Unlock()

	body, err := s.server.readBody(w, r)
	if err == nil {
		err = s.handlePayload(body.bytes)
		body.recycle()
	}

	s.mu.Lock()
	p.posting = false
	s.mu.Unlock()
	switch {
	case err == nil:
		s.server.answer(w, []byte("ok"))
	case errors.Is(err, errBodyTooLarge):
		s.closeByFault(ReasonPayloadTooLarge)
		s.server.refuse(w, errTooLarge)
	case errors.Is(err, errBody):
		s.abort(ReasonTransportError)
		s.server.refuse(w, errBadRequest)
	default:
		s.closeByFault(ReasonParseError)
		s.server.refuse(w, errBadRequest)
	}
}

// handlePayload gives the receiver the messages in a polling body.
func (s *Session) handlePayload(body []byte) error {
	s.in.Lock()
	defer s.in.Unlock()
	defer s.recoverLocked()
	var failed error
	err := eachPacket(body, func(p packet) bool {
		s.mu.Lock()
		current := s.state == open && s.ws == nil
		s.mu.Unlock()
		if !current {
			return false
		}
		switch p.kind {
		case packetMessage:
			failed = s.receiver.Message(p.data, p.binary)
		case packetPong:
			s.pong()
		case packetClose:
			// A poll may be on its way on another connection, and is answered
			// like one that is waiting.
			s.close(ReasonTransportClose, noopFrame, nil)
		default:
			failed = errPacket
		}
		return failed == nil
	})
	if err != nil {
		return err
	}
	return failed
}

var (
	errBodyTooLarge = errors.New("engineio: body is too large")
	errBody         = errors.New("engineio: body could not be read")
)

// readBody reads a POST body within MaxPayload and TransferTimeout. Memory
// grows with what arrives, not with what the header promises.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request) (*pollBody, error) {
	if r.ContentLength > int64(s.config.MaxPayload) {
		// The rest is not read, so the connection cannot be used again.
		w.Header().Set("Connection", "close")
		return nil, errBodyTooLarge
	}
	control := http.NewResponseController(w)
	// Not every ResponseWriter has deadlines; those of net/http do, and it
	// resets the one for reading before the next request.
	_ = control.SetReadDeadline(time.Now().Add(s.config.TransferTimeout))

	body := newPollBody()
	limit := s.config.MaxPayload + 1
	for {
		if len(body.bytes) == cap(body.bytes) {
			body.bytes = append(body.bytes, make([]byte, max(512, len(body.bytes)))...)[:len(body.bytes)]
		}
		room := body.bytes[len(body.bytes):min(cap(body.bytes), limit)]
		n, err := r.Body.Read(room)
		body.bytes = body.bytes[:len(body.bytes)+n]
		switch {
		case len(body.bytes) == limit:
			w.Header().Set("Connection", "close")
			body.recycle()
			return nil, errBodyTooLarge
		case err == io.EOF:
			return body, nil
		case err != nil:
			body.recycle()
			return nil, errBody
		}
	}
}

// answer writes a polling answer and waits until the kernel has it, at most
// TransferTimeout, so that a peer that does not read is noticed.
func (s *Server) answer(w http.ResponseWriter, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	control := http.NewResponseController(w)
	bounded := control.SetWriteDeadline(time.Now().Add(s.config.TransferTimeout)) == nil
	if _, err := w.Write(body); err != nil {
		return err
	}
	if err := control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if bounded {
		// The connection may carry other requests, which this is not to end.
		return control.SetWriteDeadline(time.Time{})
	}
	return nil
}
