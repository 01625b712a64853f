// Command frames compares WebSocket frame layers under the load of a chat:
// small masked frames in, small server frames out to many sockets. Every
// library serves in a process of its own, driven by Parley's load generator,
// in interleaved rounds; docs/decisions/0002-frame-layer.md has what it found.
//
//	go run . [-rounds 3] [-libs own,gobwas,coder,gws,gws-broadcast]
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/parleychat/parley/internal/loadgen"
)

var libraries = map[string]func(net.Listener) error{
	"own":           serveOwn,
	"gobwas":        serveGobwas,
	"coder":         serveCoder,
	"gws":           serveGWS,
	"gws-broadcast": serveGWSBroadcast,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	serve := flag.String("serve", "", "serve with this library until standard input ends; used by the comparison itself")
	libs := flag.String("libs", "own,gobwas,coder,gws,gws-broadcast", "libraries to compare")
	rounds := flag.Int("rounds", 3, "interleaved rounds")
	flag.Parse()
	var err error
	if *serve != "" {
		err = serveUntilEOF(*serve)
	} else {
		err = compare(ctx, strings.Split(*libs, ","), *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "frames:", err)
		os.Exit(1)
	}
}

func serveUntilEOF(name string) error {
	lib, ok := libraries[name]
	if !ok {
		return fmt.Errorf("no library %q", name)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", ln.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return lib(ln)
}

// workloads are run against each library in each round. Every one gives its figure.
var workloads = []struct {
	name   string
	config loadgen.Config
	figure func(loadgen.Result) float64
}{
	{
		"1 room × 1,000, 20/s: µs CPU per delivery",
		loadgen.Config{Workload: loadgen.OneRoom, Rate: 20, Warmup: time.Second, Duration: 5 * time.Second},
		func(r loadgen.Result) float64 { return r.Server.CPUPerDelivery },
	},
	{
		"1 room × 1,000, 50/s: µs CPU per delivery",
		loadgen.Config{Workload: loadgen.OneRoom, Rate: 50, Warmup: time.Second, Duration: 4 * time.Second},
		func(r loadgen.Result) float64 { return r.Server.CPUPerDelivery },
	},
	{
		"100 rooms × 10, 1,000/s: µs CPU per delivery",
		loadgen.Config{Workload: loadgen.ManyRooms, Rate: 1000, Warmup: time.Second, Duration: 4 * time.Second},
		func(r loadgen.Result) float64 { return r.Server.CPUPerDelivery },
	},
	{
		"KiB of memory per idle connection, 2,000 to 8,000",
		loadgen.Config{Workload: loadgen.Idle, First: 2000, Sockets: 8000, Settle: 3 * time.Second},
		func(r loadgen.Result) float64 { return r.AnonPerSocket },
	},
	{
		"µs CPU per connect, 3,000",
		loadgen.Config{Workload: loadgen.Storm, Sockets: 3000},
		func(r loadgen.Result) float64 { return r.Server.CPUPerConnect },
	},
}

func compare(ctx context.Context, libs []string, rounds int) error {
	figures := make(map[string][]float64) // library and workload → by round
	for round := range rounds {
		for _, w := range workloads {
			for _, lib := range libs {
				res, err := measure(ctx, lib, w.config)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", lib, w.name, err)
				}
				f := w.figure(res)
				figures[lib+w.name] = append(figures[lib+w.name], f)
				fmt.Fprintf(os.Stderr, "round %d  %-14s %6.2f  %s %v\n", round+1, lib, f, w.name, res.Warnings)
			}
		}
	}
	tw := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	fmt.Fprintf(tw, "| median (least–most) of %d rounds\t| %s\t|\n", rounds, strings.Join(libs, "\t| "))
	fmt.Fprintf(tw, "| ---\t%s|\n", strings.Repeat("| ---\t", len(libs)))
	for _, w := range workloads {
		fmt.Fprintf(tw, "| %s\t", w.name)
		for _, lib := range libs {
			f := figures[lib+w.name]
			slices.Sort(f)
			fmt.Fprintf(tw, "| %.1f (%.1f–%.1f)\t", f[len(f)/2], f[0], f[len(f)-1])
		}
		fmt.Fprintln(tw, "|")
	}
	return tw.Flush()
}

// measure runs one workload against a fresh process.
func measure(ctx context.Context, lib string, cfg loadgen.Config) (loadgen.Result, error) {
	self, err := os.Executable()
	if err != nil {
		return loadgen.Result{}, err
	}
	cmd := exec.CommandContext(ctx, self, "-serve", lib)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return loadgen.Result{}, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return loadgen.Result{}, err
	}
	if err := cmd.Start(); err != nil {
		return loadgen.Result{}, err
	}
	defer func() {
		in.Close()
		cmd.Wait()
	}()
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return loadgen.Result{}, fmt.Errorf("start: %w", err)
	}
	cfg.URL, cfg.PID = strings.TrimSpace(url), cmd.Process.Pid
	res, err := loadgen.Run(ctx, cfg)
	if err == nil && !res.OK() {
		err = fmt.Errorf("rules broken: %+v", res.Violations)
	}
	return res, err
}
