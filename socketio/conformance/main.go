// Command conformance serves what the public test suites of the Engine.IO and
// Socket.IO protocols expect of a server: at /engine.io/ a bare Engine.IO server
// that echoes, at /socket.io/ a Socket.IO server with the namespaces / and
// /custom. The suites want to find it at 127.0.0.1:3000.
//
//	go run ./socketio/conformance -listen 127.0.0.1:3000
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/parleychat/parley/socketio"
	"github.com/parleychat/parley/socketio/engineio"
)

const (
	pingInterval   = 300 * time.Millisecond
	pingTimeout    = 200 * time.Millisecond
	connectTimeout = time.Second
	farewell       = 500 * time.Millisecond
	maxPayload     = 1_000_000
)

// authDelay keeps the event "auth" apart from the answer to the connect packet.
// The suite listens for one message at a time, and loses the second of two that
// it reads from the connection at once.
const authDelay = 20 * time.Millisecond

func main() {
	listen := flag.String("listen", "127.0.0.1:3000", "address to serve at")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %s\n", listener.Addr())
	if err := run(ctx, listener); err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx ends, and then takes leave of every client.
func run(ctx context.Context, listener net.Listener) error {
	engine, err := engineio.New(engineio.Config{
		Open:            openEcho,
		PingInterval:    pingInterval,
		PingTimeout:     pingTimeout,
		FarewellTimeout: farewell,
		MaxPayload:      maxPayload,
	})
	if err != nil {
		return err
	}
	sockets, err := socketio.New(socketio.Config{
		PingInterval:    pingInterval,
		PingTimeout:     pingTimeout,
		FarewellTimeout: farewell,
		ConnectTimeout:  connectTimeout,
		MaxPayload:      maxPayload,
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"/", "/custom"} {
		serveNamespace(sockets.Of(name))
	}

	mux := http.NewServeMux()
	mux.Handle("/engine.io/", engine)
	mux.Handle(sockets.Path(), sockets)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	// Polls are requests, so the sockets go before the server waits for those.
	return errors.Join(engine.Close(end), sockets.Close(end), server.Shutdown(end))
}

// echo sends every message back as it came.
type echo struct{ session *engineio.Session }

func openEcho(session *engineio.Session, _ *http.Request) engineio.Receiver { return echo{session} }

func (e echo) Message(data []byte, binary bool) error {
	if binary {
		e.session.Queue(engineio.BinaryFrame(data))
	} else {
		e.session.Queue(engineio.TextFrame(data))
	}
	e.session.Flush()
	return nil
}

func (echo) Closing(engineio.Reason) {}
func (echo) Closed(engineio.Reason)  {}

// serveNamespace emits "auth" with the payload of the connect packet, returns
// "message" as "message-back", and acknowledges "message-with-ack".
func serveNamespace(n *socketio.Namespace) {
	n.Use(func(_ context.Context, h *socketio.Handshake) error {
		h.Value = h.Auth
		return nil
	})
	n.OnConnect(func(s *socketio.Socket) {
		auth := s.Value().(json.RawMessage)
		if auth == nil {
			auth = json.RawMessage("{}")
		}
		time.AfterFunc(authDelay, func() {
			// The client may be gone by now, and then needs nothing.
			_ = s.Emit("auth", auth)
		})
		s.OnEvent(answer)
	})
}

func answer(e *socketio.Event) {
	switch e.Name {
	case "message":
		e.Socket().QueueAll(socketio.EventFrames(e.Socket().Namespace(), "message-back", e.Args, e.Attachments)...)
		e.Socket().Flush()
	case "message-with-ack":
		args := make([]any, len(e.Args))
		for i, arg := range e.Args {
			args[i] = arg
			if data, ok := e.Binary(arg); ok {
				args[i] = data
			}
		}
		// The client is free not to ask, or to be gone.
		_ = e.Ack(args...)
	}
}
