package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/parleychat/parley/internal/link"
	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/internal/services"
)

// What a cluster is made of.
const (
	brokers    = 3
	partitions = 6
)

// cluster is several servers over brokers, a database and a Redis, all of them
// real programs that can be killed and paused, and the links between them.
type cluster struct {
	kafka    *services.Kafka
	db       *services.MariaDB
	database string
	redis    *services.Redis
	nodes    []*node
	met      tally
	busy     occupied
	weather  weather
	group    recorders
	bounds   bounds
	presence presenceSeen
	lobby    lobby
	waited   time.Duration // until who is online had to be right
}

// node is one of the servers, with the ways that lead to it and from it.
type node struct {
	*server
	name     string
	admin    string       // where it tells its metrics, host:port
	people   *link.Link   // from people to it
	brokers  []*link.Link // from it to each broker, the first to broker 1
	database *link.Link
	redis    *link.Link
}

// recordCluster is record with a cluster.
func (c *campaign) recordCluster(ctx context.Context) (err error) {
	if _, err := exec.LookPath("kcat"); err != nil {
		return fmt.Errorf("the log is read with kcat, and there is none here (install kcat): %w", err)
	}
	c.cluster = new(cluster)
	defer func() { err = errors.Join(err, c.cluster.close()) }()
	if err := c.cluster.open(c); err != nil {
		return err
	}
	return c.playCluster(ctx)
}

// open starts the services. The servers are started later.
func (cl *cluster) open(c *campaign) (err error) {
	options := []services.KafkaOption{
		services.Brokers(brokers), services.Heap(256),
		// As docs/kafka.md tells operators.
		services.Property("broker.session.timeout.ms", "3000"),
	}
	for i := range c.opts.nodes {
		n := &node{name: fmt.Sprintf("node%d", i+1)}
		cl.nodes = append(cl.nodes, n)
		options = append(options, services.Door(strings.ToUpper(n.name), n.routeToBroker))
	}
	if cl.kafka, err = services.StartKafka(options...); err != nil {
		return err
	}
	reach, err := cl.kafka.ClientOptions()
	if err != nil {
		return err
	}
	if err := cl.group.open(reach); err != nil {
		return err
	}
	if cl.db, err = services.StartMariaDB(); err != nil {
		return err
	}
	if cl.database, err = cl.db.Create(); err != nil {
		return err
	}
	if cl.redis, err = services.StartRedis(); err != nil {
		return err
	}
	for _, n := range cl.nodes {
		if err := n.open(c); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) routeToBroker(_ int, addr string) (string, error) {
	l, err := link.Open(link.Kafka, link.To(addr))
	if err != nil {
		return "", err
	}
	n.brokers = append(n.brokers, l)
	return l.Addr(), nil
}

// open makes what the node needs beside its ways to the brokers.
func (n *node) open(c *campaign) (err error) {
	cl := c.cluster
	if n.server, err = newServer(cmp.Or(c.opts.old, c.opts.bin), filepath.Join(c.dir, n.name), filepath.Join(c.dir, n.name+".log")); err != nil {
		return err
	}
	if n.people, err = link.Open(link.HTTP, n.host); err != nil {
		return err
	}
	if n.database, err = link.Open(link.MySQL, link.To(cl.db.Addr())); err != nil {
		return err
	}
	if n.redis, err = link.Open(link.Redis, link.To(cl.redis.Addr())); err != nil {
		return err
	}
	if n.admin, err = services.FreeAddr(); err != nil {
		return err
	}
	var seeds []string
	for _, l := range n.brokers {
		seeds = append(seeds, l.Addr())
	}
	n.settings = []string{
		"PARLEY_DB=" + cl.db.URLVia(n.database.Addr(), cl.database),
		"PARLEY_KAFKA=" + strings.Join(seeds, ","), fmt.Sprintf("PARLEY_KAFKA_PARTITIONS=%d", partitions),
		"PARLEY_REDIS=" + cl.redis.URLVia(n.redis.Addr()),
		"PARLEY_NODE_ID=" + n.name, "PARLEY_ADMIN_LISTEN=" + n.admin,
	}
	return nil
}

// host is where the node listens now, host:port, empty when it does not.
func (n *node) host() string {
	if p := n.running(); p != nil {
		return strings.TrimPrefix(n.url(p), "http://")
	}
	return ""
}

// links are all ways to and from the node.
func (n *node) links() []*link.Link {
	return append([]*link.Link{n.people, n.database, n.redis}, n.brokers...)
}

// close ends everything in reverse order.
func (cl *cluster) close() error {
	var errs []error
	for _, n := range cl.nodes {
		if n.server != nil {
			errs = append(errs, n.server.close())
		}
	}
	cl.group.close()
	if cl.redis != nil {
		errs = append(errs, cl.redis.Stop())
	}
	if cl.db != nil {
		errs = append(errs, cl.db.Stop())
	}
	if cl.kafka != nil {
		errs = append(errs, cl.kafka.Stop())
	}
	for _, n := range cl.nodes {
		for _, l := range n.links() {
			if l != nil {
				errs = append(errs, l.Close())
			}
		}
	}
	return errors.Join(errs...)
}

// address is the way to one of the servers that run.
func (cl *cluster) address(ctx context.Context, dice *people.Dice) (string, error) {
	for {
		var there []*node
		for _, n := range cl.nodes {
			if n.host() != "" {
				there = append(there, n)
			}
		}
		if len(there) > 0 {
			return "http://" + there[dice.Below(len(there))].people.Addr(), nil
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
	for _, n := range c.cluster.nodes {
		n.died = cancel
		if err := c.startNode(ctx, n); err != nil {
			return err
		}
	}
	c.crowd.Impatient = c.impatient
	c.crowd.Met = func(what string) { c.cluster.met.add(what, 1) }
	if err := c.live(ctx, &clients, func() error { return c.harmCluster(ctx) }); err != nil {
		return err
	}
	if c.stuck {
		cancel(nil)
		clients.Wait()
		return c.lookAtRuins()
	}
	if err := c.judgePresence(ctx); err != nil {
		return err
	}
	cancel(nil)
	clients.Wait()
	for _, n := range c.cluster.nodes {
		if err := n.stop(); err != nil {
			c.problem("%s did not stop in good order: %v", n.name, err)
		}
	}
	behind, err := c.lookAtCluster(context.Background(), true)
	if err != nil {
		return err
	}
	if behind > 0 {
		c.problem("after all servers stopped in good order the store lacks %d records of the log", behind)
	}
	return nil
}

// lookAtRuins reads what a cluster that is stuck has left.
func (c *campaign) lookAtRuins() error {
	for _, n := range c.cluster.nodes {
		if err := n.end(); err != nil {
			return err
		}
	}
	_, err := c.lookAtCluster(context.Background(), true)
	return err
}

func (c *campaign) startNode(ctx context.Context, n *node) error {
	if n.program() != c.programs.newer {
		return c.startOlder(ctx, n)
	}
	p, err := n.begin()
	if err != nil {
		return err
	}
	return n.ready(ctx, p)
}
