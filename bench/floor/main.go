//go:build unix

// Command floor serves the relay that Parley is measured against: a bare
// WebSocket upgrade and one write per delivery, or up to -batch frames a write.
// With -log it forces messages to that file before it sends them, all that wait
// at once.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/parleychat/parley/bench/floor/relay"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to serve on")
	batch := flag.Int("batch", 1, "largest number of frames in one write")
	log := flag.String("log", "", "file to which messages are forced before they are sent")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen, *batch, *log); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends and tells its address on standard output.
func run(ctx context.Context, listen string, batch int, log string) error {
	ln, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", ln.Addr())
	srv := &relay.Server{Batch: batch}
	if log != "" {
		if srv.Log, err = os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
			return errors.Join(err, ln.Close())
		}
		defer srv.Log.Close()
	}
	stopClose := context.AfterFunc(ctx, srv.Close)
	defer stopClose()
	if err := srv.Serve(ln); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
