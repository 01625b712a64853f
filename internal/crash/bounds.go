package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
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
		if used.max(allowed) != allowed {
			c.problem("%s uses %v in the end, and may use %v", n.name, used, allowed)
		}
	}
	return nil
}

// usage asks the node's metrics.
func (n *node) usage(ctx context.Context) (used usage, err error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.admin+"/metrics", nil)
	if err != nil {
		return used, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return used, err
	}
	defer response.Body.Close()
	found := 0
	lines := bufio.NewScanner(response.Body)
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
