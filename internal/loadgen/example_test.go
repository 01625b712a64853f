//go:build unix

package loadgen_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/parleychat/parley/bench/floor/relay"
	"github.com/parleychat/parley/internal/loadgen"
)

func ExampleRun() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	var floor relay.Server
	go floor.Serve(ln)
	defer floor.Close()

	res, err := loadgen.Run(context.Background(), loadgen.Config{
		URL:      "http://" + ln.Addr().String(),
		Workload: loadgen.OneRoom,
		Sockets:  50,
		Rate:     100,
		Warmup:   50 * time.Millisecond,
		Duration: 200 * time.Millisecond,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("messages sent:", res.Sent)
	fmt.Println("deliveries measured:", res.Delivery.Count)
	fmt.Println("every rule kept:", res.OK())
	// Output:
	// messages sent: 25
	// deliveries measured: 1000
	// every rule kept: true
}
