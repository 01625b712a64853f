package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/internal/sim/memnet"
	"github.com/parleychat/parley/server"
)

// serverAddr is where every node of a run listens, one after another.
var serverAddr = &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 3000}

// node is one life of the server: from a start on a directory to its end.
type node struct {
	dir      string
	listener *memnet.Listener
	points   *points
	log      *log
	cancel   context.CancelFunc
	ended    chan struct{} // closed when it has returned
	err      error         // of Run, once it has ended
}

// startNode starts a server on a directory, and waits until it serves, or is
// kept from it.
func (r *run) startNode(ctx context.Context, dir string) (*node, error) {
	n := &node{dir: dir, listener: memnet.Listen(serverAddr), points: newPoints(), ended: make(chan struct{})}
	cfg := server.Default()
	cfg.Data = dir
	cfg.NodeID = "sim"
	cfg.Logger = slog.New(slog.NewTextHandler(&r.serverLog, nil))
	db := &database{run: r, points: n.points}
	s, err := server.NewWithSeams(ctx, cfg, server.Seams{
		Listener: n.listener,
		Now:      r.clock.now,
		Log: func(inner eventlog.Log) eventlog.Log {
			n.log = newLog(r, inner, n.points)
			return n.log
		},
		HubStore:      func(inner fanout.Store) fanout.Store { return hubStore{inner, db} },
		RecorderStore: func(inner history.RecorderStore) history.RecorderStore { return recorderStore{inner, db} },
		ReaderStore:   func(inner history.ReaderStore) history.ReaderStore { return readerStore{inner, db} },
	})
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	n.cancel = cancel
	go func() {
		defer close(n.ended)
		n.err = s.Run(life)
	}()
	// While its store is away it is not ready; people come all the same.
	ready, done := context.WithTimeout(ctx, time.Second)
	defer done()
	if err := s.AwaitReady(ready); err != nil {
		r.met("start without a store")
	}
	return n, nil
}

// stop stops the node in good order.
func (n *node) stop() error {
	n.cancel()
	<-n.ended
	n.points.die() // ends the log's queues
	return n.err
}

// kill ends the node as SIGKILL does: at this instant nothing of it reaches a
// client or the files any more. What is left of it winds down aside, on files
// that nobody looks at.
func (r *run) kill(n *node, to string) error {
	r.calm() // nobody is in the middle of writing to a file
	_, err := r.look(n.dir)
	err = errors.Join(err, copyDir(n.dir, to))
	n.listener.Kill()
	n.points.die()
	n.cancel()
	r.aside.Go(func() {
		<-n.ended
		_ = os.RemoveAll(n.dir)
	})
	return err
}

// copyDir copies what a process leaves behind: everything but the index of the
// write-ahead logs, which is made anew.
func copyDir(from, to string) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) == ".db-shm" || entry.IsDir() {
			continue
		}
		if err := copyFile(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}

// dial connects a person to the node that runs now, if one does, over a link of
// its own.
func (r *run) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if r.opts.Crowd {
		return r.dialOver(ctx, memnet.Link{Delay: time.Millisecond + r.dice.UpTo(3*time.Millisecond)})
	}
	return r.dialOver(ctx, memnet.Link{
		Delay:  time.Millisecond + min(r.dice.About(15*time.Millisecond), 200*time.Millisecond),
		Window: 4 << 10 << (2 * r.dice.Below(3)),
	})
}

// dialNear connects the reader, who has much to read in little time.
func (r *run) dialNear(ctx context.Context, _, _ string) (net.Conn, error) {
	return r.dialOver(ctx, memnet.Link{Delay: 100 * time.Microsecond, Window: 1 << 20})
}

func (r *run) dialOver(ctx context.Context, link memnet.Link) (net.Conn, error) {
	n := r.node.Load()
	if n == nil {
		return nil, errNoNode
	}
	from := &net.TCPAddr{IP: net.IPv4(10, 0, 1, byte(1+r.dice.Below(200))), Port: 1024 + r.dice.Below(60000)}
	conn, err := n.listener.Dial(ctx, from, link)
	if err != nil {
		return nil, err // no nil *memnet.Conn in a net.Conn
	}
	return conn, nil
}

var errNoNode = errors.New("connection refused: no node runs")
