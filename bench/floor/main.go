//go:build unix

// Command floor serves the relay that Parley is measured against: a bare
// WebSocket upgrade and one write per delivery, or up to -batch frames a write.
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
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen, *batch); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends and tells its address on standard output.
func run(ctx context.Context, listen string, batch int) error {
	ln, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", ln.Addr())
	srv := &relay.Server{Batch: batch}
	stopClose := context.AfterFunc(ctx, srv.Close)
	defer stopClose()
	if err := srv.Serve(ln); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
