package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/internal/check"
	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/internal/services"
)

// cluster is several servers over a broker and a database, all of them real
// programs that can be killed and paused. The log has one partition: the judge
// wants one order of everything.
type cluster struct {
	kafka    *services.Kafka
	db       *services.MariaDB
	database string
	servers  []*server
	harmed   map[string]int // by fault: how often
}

// recordCluster is record with a cluster.
func (c *campaign) recordCluster(ctx context.Context) (err error) {
	if _, err := exec.LookPath("kcat"); err != nil {
		return fmt.Errorf("the log is read with kcat, and there is none here (install kcat): %w", err)
	}
	c.cluster = &cluster{harmed: make(map[string]int)}
	defer func() { err = errors.Join(err, c.cluster.close()) }()
	if err := c.cluster.open(c); err != nil {
		return err
	}
	return c.playCluster(ctx)
}

func (cl *cluster) open(c *campaign) (err error) {
	if cl.kafka, err = services.StartKafka(); err != nil {
		return err
	}
	if cl.db, err = services.StartMariaDB(); err != nil {
		return err
	}
	if cl.database, err = cl.db.Create(); err != nil {
		return err
	}
	for i := range c.opts.nodes {
		name := fmt.Sprintf("node%d", i+1)
		s, err := newServer(c.opts.bin, filepath.Join(c.dir, name), filepath.Join(c.dir, name+".log"))
		if err != nil {
			return err
		}
		s.settings = []string{
			"PARLEY_DB=" + cl.db.URL(cl.database), "PARLEY_KAFKA=" + strings.Join(cl.kafka.Addrs(), ","),
			"PARLEY_KAFKA_PARTITIONS=1", "PARLEY_NODE_ID=" + name,
		}
		cl.servers = append(cl.servers, s)
	}
	return nil
}

func (cl *cluster) close() error {
	var errs []error
	for _, s := range cl.servers {
		errs = append(errs, s.close())
	}
	if cl.kafka != nil {
		errs = append(errs, cl.kafka.Stop())
	}
	if cl.db != nil {
		errs = append(errs, cl.db.Stop())
	}
	return errors.Join(errs...)
}

// address is that of one of the servers that run.
func (cl *cluster) address(ctx context.Context, dice *people.Dice) (string, error) {
	for {
		var urls []string
		for _, s := range cl.servers {
			if p := s.running(); p != nil {
				if url := s.url(p); url != "" {
					urls = append(urls, url)
				}
			}
		}
		if len(urls) > 0 {
			return urls[dice.Below(len(urls))], nil
		}
		if !people.Pause(ctx, 10*time.Millisecond) {
			return "", context.Cause(ctx)
		}
	}
}

// playCluster is play with a cluster.
func (c *campaign) playCluster(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var clients sync.WaitGroup
	defer clients.Wait()
	defer cancel(nil)
	for _, s := range c.cluster.servers {
		s.died = cancel
		if err := c.startNode(ctx, s); err != nil {
			return err
		}
	}
	if err := c.live(ctx, &clients, func() error { return c.harmCluster(ctx) }); err != nil {
		return err
	}
	cancel(nil)
	clients.Wait()
	if c.stuck {
		for _, s := range c.cluster.servers {
			if err := s.end(); err != nil {
				return err
			}
		}
		_, err := c.lookAtCluster(true)
		return err
	}
	for _, s := range c.cluster.servers {
		if err := s.stop(); err != nil {
			c.problem("a server did not stop in good order: %v", err)
		}
	}
	behind, err := c.lookAtCluster(true)
	if err != nil {
		return err
	}
	if behind > 0 {
		c.problem("after all servers stopped in good order the store lacks %d records of the log", behind)
	}
	return nil
}

func (c *campaign) startNode(ctx context.Context, s *server) error {
	p, err := s.begin()
	if err != nil {
		return err
	}
	return s.ready(ctx, p)
}

// harmCluster does something bad again and again, until the duration is over
// and everything bad was done.
func (c *campaign) harmCluster(ctx context.Context) error {
	kinds := []struct {
		what string
		do   func(context.Context) error
	}{
		{"server killed", c.killNode},
		{"server paused", c.pauseNode},
		{"server rolled", c.rollNode},
		{"broker killed", c.killBroker},
		{"broker paused", c.pauseBroker},
		{"database killed", c.killDatabase},
		{"database paused", c.pauseDatabase},
	}
	begun, told := time.Now(), time.Now()
	for n := 0; time.Since(begun) < c.opts.duration || n < len(kinds); n++ {
		if err := c.served(ctx, 20+c.dice.Below(60)); err != nil {
			return err
		}
		if _, err := c.lookAtCluster(false); err != nil {
			return err
		}
		kind := kinds[n%len(kinds)]
		if n >= len(kinds) {
			// Servers most of all: there is most to go wrong.
			kind = kinds[min(c.dice.Below(2*len(kinds)), c.dice.Below(len(kinds)))]
		}
		c.fireVolley(ctx)
		c.history.Write(check.Line{What: check.Fault, Fault: kind.what})
		if err := kind.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", kind.what, err)
		}
		c.fault = time.Now()
		c.cluster.harmed[kind.what]++
		c.crowd.Volley.Ring()
		if time.Since(told) > 30*time.Second {
			told = time.Now()
			c.tell()
		}
	}
	return c.served(ctx, 50)
}

// anyNode is one of the servers, all of which run between two faults.
func (c *campaign) anyNode() *server {
	return c.cluster.servers[c.dice.Below(len(c.cluster.servers))]
}

func (c *campaign) killNode(ctx context.Context) error {
	s := c.anyNode()
	if err := s.kill(s.running()); err != nil {
		return err
	}
	c.kills++
	if !people.Pause(ctx, c.dice.UpTo(3*time.Second)) {
		return context.Cause(ctx)
	}
	return c.startNode(ctx, s)
}

// pauseNode stops a server for a while, often for longer than what it knows of
// others is good.
func (c *campaign) pauseNode(ctx context.Context) error {
	p := c.anyNode().running()
	return c.paused(ctx, 9*time.Second, p.pause, p.resume)
}

func (c *campaign) rollNode(ctx context.Context) error {
	s := c.anyNode()
	if err := s.stop(); err != nil {
		return err
	}
	return c.startNode(ctx, s)
}

func (c *campaign) killBroker(ctx context.Context) error {
	broker := c.cluster.kafka.Broker(1)
	if err := broker.Kill(); err != nil {
		return err
	}
	if !people.Pause(ctx, c.dice.UpTo(2*time.Second)) {
		return context.Cause(ctx)
	}
	return broker.Start()
}

func (c *campaign) pauseBroker(ctx context.Context) error {
	broker := c.cluster.kafka.Broker(1)
	return c.paused(ctx, 8*time.Second, broker.Pause, broker.Resume)
}

func (c *campaign) killDatabase(ctx context.Context) error {
	if err := c.cluster.db.Kill(); err != nil {
		return err
	}
	if !people.Pause(ctx, c.dice.UpTo(4*time.Second)) {
		return context.Cause(ctx)
	}
	return c.cluster.db.Start()
}

func (c *campaign) pauseDatabase(ctx context.Context) error {
	return c.paused(ctx, 8*time.Second, c.cluster.db.Pause, c.cluster.db.Resume)
}

func (c *campaign) paused(ctx context.Context, atMost time.Duration, stop, resume func() error) error {
	if err := stop(); err != nil {
		return err
	}
	whole := people.Pause(ctx, 200*time.Millisecond+c.dice.UpTo(atMost))
	if err := resume(); err != nil {
		return err
	}
	if !whole {
		return context.Cause(ctx)
	}
	return nil
}

// lookAtCluster writes down what database and log hold at this instant, while
// the servers run or not: first a snapshot of the database is taken, then the
// log read to its end, which is not below it.
func (c *campaign) lookAtCluster(whole bool) (behind int64, err error) {
	err = c.cluster.db.AsRoot(func(ctx context.Context, db *sql.DB) error {
		if _, err := db.ExecContext(ctx, "USE "+c.cluster.database); err != nil {
			return err
		}
		tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
		if err != nil {
			return err
		}
		defer tx.Rollback()
		// The snapshot is that of the first reading.
		if err := tx.QueryRow(`SELECT COUNT(*) FROM watermarks`).Scan(new(int)); err != nil {
			return err
		}
		if err := c.dumpTopic(ctx); err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		behind, err = c.files.Store(tx, whole || c.files.Looks() == 0)
		return err
	})
	return behind, err
}

// dumpTopic writes down the records that came since the last time, as a program
// reads them that is not ours.
func (c *campaign) dumpTopic(ctx context.Context) error {
	said, err := c.kcat(ctx, "-Q", "-t", eventlog.KafkaTopic+":0:-1")
	if err != nil {
		return err
	}
	_, text, _ := strings.Cut(string(said), "offset ")
	end, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return fmt.Errorf("kcat said %.200q of the end: %w", said, err)
	}
	if end <= c.files.Logged() {
		return nil
	}
	// It would not end by itself while more is written.
	output, err := c.kcat(ctx, "-C", "-t", eventlog.KafkaTopic, "-p", "0", "-q", "-J",
		"-o", strconv.FormatInt(c.files.Logged(), 10), "-c", strconv.FormatInt(end-c.files.Logged(), 10))
	if err != nil {
		return err
	}
	for line := range bytes.Lines(output) {
		var record struct {
			Offset  int64
			Payload string
		}
		if err := json.Unmarshal(line, &record); err != nil {
			return fmt.Errorf("kcat said %.200s: %w", line, err)
		}
		if err := c.files.Record(0, record.Offset, []byte(record.Payload)); err != nil {
			return err
		}
	}
	return nil
}

// kcatTime bounds a call of kcat.
const kcatTime = 30 * time.Second

func (c *campaign) kcat(ctx context.Context, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, kcatTime)
	defer cancel()
	output, err := exec.CommandContext(ctx, "kcat", append([]string{"-b", strings.Join(c.cluster.kafka.Addrs(), ",")}, args...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("kcat %v: %w", args, err)
	}
	return output, nil
}

// fencedLine is what a server logs of whom another one has recorded for.
const fencedLine = "somebody else recorded a partition"

// readClusterLogs counts in the servers' logs what cannot be seen from outside,
// and looks for errors.
func (c *campaign) readClusterLogs() error {
	for _, s := range c.cluster.servers {
		log, err := os.Open(s.log.Name())
		if err != nil {
			return err
		}
		lines := bufio.NewScanner(log)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			switch {
			case bytes.Contains(lines.Bytes(), []byte(fencedLine)):
				c.cluster.harmed["recorder fenced"]++
			case isError(lines.Bytes()):
				c.problem("the log of %s has an error: %.500s", filepath.Base(s.data), lines.Bytes())
			}
		}
		if err := errors.Join(lines.Err(), log.Close()); err != nil {
			return err
		}
	}
	return nil
}

// harmText tells how often each fault was met.
func (c *campaign) harmText() (texts []string) {
	if c.cluster == nil {
		return nil
	}
	n := c.crowd.Progress.Now()
	for _, what := range slices.Sorted(maps.Keys(c.cluster.harmed)) {
		texts = append(texts, fmt.Sprintf("%-15s %d times", what, c.cluster.harmed[what]))
	}
	return append(texts,
		fmt.Sprintf("%-15s %d times, having missed something", "changed server", n.Moved),
		fmt.Sprintf("%-15s %d records", "copy voided", c.files.Voids()["copy"]))
}
