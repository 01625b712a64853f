package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/parleychat/parley/internal/check"
)

// usage is what a server uses.
type usage struct {
	memory      int // resident, MiB
	goroutines  int
	descriptors int
}

// allowed is what a server with these few people may use in the end, whatever
// was done to it. It is a multiple of what one needs that has only just started.
var allowed = usage{memory: 256, goroutines: 400, descriptors: 200}

// bounds are what the servers used.
type bounds struct {
	most usage // ever, of any
	last usage // in the end, of any
}

func (b *bounds) text() []string {
	return []string{
		fmt.Sprintf("used      at most %v, in the end %v, allowed %v", b.most, b.last, allowed),
	}
}

func (u usage) String() string {
	return fmt.Sprintf("%d MiB, %d goroutines, %d descriptors", u.memory, u.goroutines, u.descriptors)
}

func (u usage) max(v usage) usage {
	return usage{max(u.memory, v.memory), max(u.goroutines, v.goroutines), max(u.descriptors, v.descriptors)}
}

// measure notes what the servers use now. In the end, when everybody has caught
// up and nothing is done to anybody, that has to be in bounds.
func (c *campaign) measure(ctx context.Context, end bool) error {
	b := &c.cluster.bounds
	for _, n := range c.cluster.nodes {
		used, err := n.usage(ctx)
		if err != nil {
			return fmt.Errorf("what %s uses: %w", n.name, err)
		}
		b.most = b.most.max(used)
		if !end {
			continue
		}
		b.last = b.last.max(used)
		for _, u := range []struct {
			what          string
			used, allowed int
		}{{"MiB", used.memory, allowed.memory}, {"goroutines", used.goroutines, allowed.goroutines}, {"descriptors", used.descriptors, allowed.descriptors}} {
			c.history.Write(check.Line{What: check.Used, Place: u.what + " of " + n.name, Used: int64(u.used), Allowed: int64(u.allowed)})
		}
	}
	return nil
}

// metrics is what the node tells of itself.
func (n *node) metrics(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.admin+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

// searchPlaces looks through what servers have logged, and tell of themselves,
// for words of rooms that are not for everybody.
func (c *campaign) searchPlaces(ctx context.Context) error {
	for _, n := range c.cluster.nodes {
		log, err := os.ReadFile(n.log.Name())
		if err != nil {
			return err
		}
		c.crowd.Search("the log of "+n.name, log)
		metrics, err := n.metrics(ctx)
		if err != nil {
			return fmt.Errorf("the metrics of %s: %w", n.name, err)
		}
		c.crowd.Search("the metrics of "+n.name, metrics)
	}
	return nil
}

// usage reads the node's metrics.
func (n *node) usage(ctx context.Context) (used usage, err error) {
	metrics, err := n.metrics(ctx)
	if err != nil {
		return used, err
	}
	found := 0
	lines := bufio.NewScanner(bytes.NewReader(metrics))
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), " ")
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			continue
		}
		found++
		switch name {
		case "go_goroutines":
			used.goroutines = int(value)
		case "process_open_fds":
			used.descriptors = int(value)
		case "process_resident_memory_bytes":
			used.memory = int(value) >> 20
		default:
			found--
		}
	}
	if found != 3 {
		return used, fmt.Errorf("%d of 3 metrics", found)
	}
	return used, lines.Err()
}
