package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/parleychat/parley/protocol"
)

// Bounds of waiting.
const (
	connectTimeout = 20 * time.Second
	writeTimeout   = 20 * time.Second
)

// connection is one WebSocket in the namespace /. Its reader runs in read; all
// but the socket itself is guarded by the client's mutex.
type connection struct {
	socket  *websocket.Conn
	silence time.Duration

	asked   uint64
	token   string
	waiting map[uint64]func(answer json.RawMessage, err error) // nil when it has ended
	out     [][]byte
	more    chan struct{} // there is something in out

	renewing sync.WaitGroup // of the token
}

// dial connects and enters the namespace. A server that does not let the token
// in is a *[Refused].
func dial(ctx context.Context, by *http.Client, url, token string) (_ *connection, err error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	address := "ws" + strings.TrimPrefix(url, "http") + "/socket.io/?EIO=4&transport=websocket"
	socket, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: by})
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() {
		if err != nil {
			_ = socket.CloseNow()
		}
	}()
	socket.SetReadLimit(maxAnswer)
	conn := &connection{
		socket:  socket,
		token:   token,
		waiting: make(map[uint64]func(json.RawMessage, error)),
		more:    make(chan struct{}, 1),
	}
	if err := conn.enter(ctx); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return conn, nil
}

// enter reads the handshake and joins the namespace.
func (conn *connection) enter(ctx context.Context) error {
	for {
		_, text, err := conn.socket.Read(ctx)
		if err != nil {
			return err
		}
		switch kind, body := split(text); kind {
		case engineOpen:
			var said handshake
			if err := json.Unmarshal(body, &said); err != nil {
				return fmt.Errorf("handshake: %w", err)
			}
			conn.silence = said.silence()
			auth, err := json.Marshal(protocol.Auth{Token: conn.token})
			if err != nil {
				return err
			}
			if err := conn.write(ctx, append([]byte(socketConnect), auth...)); err != nil {
				return err
			}
		case enginePing:
			if err := conn.write(ctx, []byte(enginePong)); err != nil {
				return err
			}
		case socketConnect:
			return nil
		case socketRefused:
			return readConnectRefusal(body)
		case engineClose, socketDisconnect:
			return errCut
		}
	}
}

func (conn *connection) write(ctx context.Context, text []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	return conn.socket.Write(ctx, websocket.MessageText, text)
}

// serve reads and writes until the connection ends, by itself or with ctx, and
// says why it did. handle gets every packet that is no heartbeat, in order; its
// error ends the connection.
func (conn *connection) serve(ctx context.Context, mu *sync.Mutex, handle func(kind string, body []byte) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var writer sync.WaitGroup
	writer.Go(func() { cancel(conn.drain(ctx, mu)) })
	cancel(conn.read(ctx, handle))
	_ = conn.socket.CloseNow() // it is over; nobody could do anything about an error
	writer.Wait()
	return context.Cause(ctx)
}

func (conn *connection) read(ctx context.Context, handle func(kind string, body []byte) error) error {
	quiet := time.AfterFunc(conn.silence, func() { _ = conn.socket.CloseNow() })
	defer quiet.Stop()
	for {
		_, text, err := conn.socket.Read(ctx)
		if err != nil {
			return err
		}
		quiet.Reset(conn.silence)
		kind, body := split(text)
		switch kind {
		case enginePing:
			if err := conn.write(ctx, []byte(enginePong)); err != nil {
				return err
			}
		case engineClose, socketDisconnect:
			return errCut
		default:
			if err := handle(kind, body); err != nil {
				return err
			}
		}
	}
}

// drain writes what is put out, until ctx ends or the socket does not take it.
func (conn *connection) drain(ctx context.Context, mu *sync.Mutex) error {
	for {
		select {
		case <-conn.more:
		case <-ctx.Done():
			return ctx.Err()
		}
		mu.Lock()
		out := conn.out
		conn.out = nil
		mu.Unlock()
		for _, text := range out {
			if err := conn.write(ctx, text); err != nil {
				return err
			}
		}
	}
}

// ask sends an event. tell is called once, under the client's mutex: with the
// answer, in order with what else the server sends, or with the error that ended
// the connection before. The mutex is held.
func (conn *connection) ask(event string, payload any, tell func(answer json.RawMessage, err error)) {
	if conn.waiting == nil {
		tell(nil, errCut)
		return
	}
	conn.asked++
	text, err := writeEvent(conn.asked, event, payload)
	if err != nil {
		tell(nil, err)
		return
	}
	conn.waiting[conn.asked] = tell
	conn.out = append(conn.out, text)
	select {
	case conn.more <- struct{}{}:
	default:
	}
}

// answered finds whoever waits for an answer. The mutex is held.
func (conn *connection) answered(body []byte) error {
	id, answer, err := readAck(body)
	if err != nil {
		return err
	}
	tell, asked := conn.waiting[id]
	if !asked {
		return errors.New("an answer to nothing")
	}
	delete(conn.waiting, id)
	tell(answer, nil)
	return nil
}

// end tells everybody who waits that no answer will come. The mutex is held.
func (conn *connection) end() {
	left := conn.waiting
	conn.waiting = nil
	for _, tell := range left {
		tell(nil, errCut)
	}
}
