package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/parleychat/parley/internal/people"
	"github.com/parleychat/parley/internal/services"
)

// paused stops something for a while.
func (c *campaign) paused(ctx context.Context, lasting time.Duration, stop, resume func() error) error {
	if err := stop(); err != nil {
		return err
	}
	whole := people.Pause(ctx, lasting)
	if err := resume(); err != nil {
		return err
	}
	if !whole {
		return context.Cause(ctx)
	}
	return nil
}

// killBroker kills a broker that leads partitions, lets others take these over,
// and starts it again.
func (c *campaign) killBroker(ctx context.Context, _ *node) error {
	broker, led, err := c.leader(ctx)
	if err != nil {
		return err
	}
	if err := broker.Kill(); err != nil {
		return err
	}
	c.awaitMoves(ctx, led)
	whole := people.Pause(ctx, c.lasting("broker killed", 8*time.Second))
	if err := broker.Start(); err != nil {
		return err
	}
	if !whole {
		return context.Cause(ctx)
	}
	return c.awaitReplicas(ctx)
}

func (c *campaign) pauseBroker(ctx context.Context, _ *node) error {
	broker, led, err := c.leader(ctx)
	if err != nil {
		return err
	}
	begun, lasting := time.Now(), c.lasting("broker paused", 20*time.Second)
	if err := c.paused(ctx, 0, broker.Pause, func() error {
		if lasting > 5*time.Second {
			c.awaitMoves(ctx, led)
		}
		people.Pause(ctx, lasting-time.Since(begun))
		return broker.Resume()
	}); err != nil {
		return err
	}
	return c.awaitReplicas(ctx)
}

// leadership is which partitions a broker led.
type leadership struct {
	broker     int32
	partitions int
}

// leader picks a broker that leads partitions.
func (c *campaign) leader(ctx context.Context) (*services.Broker, leadership, error) {
	var topic []placed
	if !c.until(ctx, kcatPatience, func() bool {
		var err error
		topic, err = c.placement(ctx)
		return err == nil && !slices.ContainsFunc(topic, func(p placed) bool { return p.Leader < 0 })
	}) {
		return nil, leadership{}, errors.Join(errMissed, context.Cause(ctx)) // some have no leader
	}
	led := leadership{broker: topic[c.dice.Below(len(topic))].Leader}
	for _, p := range topic {
		if p.Leader == led.broker {
			led.partitions++
		}
	}
	if led.broker < 1 || led.broker > brokers {
		return nil, led, fmt.Errorf("a partition is led by %d", led.broker)
	}
	return c.cluster.kafka.Broker(led.broker), led, nil
}

// awaitMoves waits until others lead what a broker led that is gone, and counts
// these partitions.
func (c *campaign) awaitMoves(ctx context.Context, led leadership) {
	left := led.partitions
	c.until(ctx, 30*time.Second, func() bool {
		topic, err := c.placementWithout(ctx, led.broker)
		if err != nil {
			return false // it is being settled
		}
		left = 0
		for _, p := range topic {
			if p.Leader == led.broker || p.Leader < 0 {
				left++
			}
		}
		return left == 0
	})
	c.cluster.met.add(leaderMoved, led.partitions-min(left, led.partitions))
}

// awaitReplicas waits until every broker has all that is acknowledged: without
// one more of them too few would be left.
func (c *campaign) awaitReplicas(ctx context.Context) error {
	const patience = 2 * time.Minute
	if c.until(ctx, patience, func() bool {
		topic, err := c.placement(ctx)
		if err != nil {
			return false
		}
		for _, p := range topic {
			if len(p.ISRs) < brokers {
				return false
			}
		}
		return true
	}) {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("the brokers do not have all copies %v after one was gone", patience)
}

func (c *campaign) killDatabase(ctx context.Context, _ *node) error {
	if err := c.cluster.db.Kill(); err != nil {
		return err
	}
	whole := people.Pause(ctx, c.lasting("database killed", time.Minute))
	if err := c.cluster.db.Start(); err != nil {
		return err
	}
	if !whole {
		return context.Cause(ctx)
	}
	return nil
}

func (c *campaign) pauseDatabase(ctx context.Context, _ *node) error {
	return c.paused(ctx, c.lasting("database paused", 20*time.Second), c.cluster.db.Pause, c.cluster.db.Resume)
}

// lockDatabase makes the database one that takes nothing, as a replica is.
func (c *campaign) lockDatabase(ctx context.Context, _ *node) error {
	db := c.cluster.db
	return c.paused(ctx, c.lasting("database read-only", 20*time.Second),
		func() error { return db.Admin("SET GLOBAL read_only = ON") },
		func() error { return db.Admin("SET GLOBAL read_only = OFF") })
}

func (c *campaign) killRedis(ctx context.Context, _ *node) error {
	if err := c.cluster.redis.Kill(); err != nil {
		return err
	}
	c.awaitRedisMissed(ctx)
	whole := people.Pause(ctx, c.lasting("redis killed", 15*time.Second))
	if err := c.cluster.redis.Start(); err != nil {
		return err
	}
	if !whole {
		return context.Cause(ctx)
	}
	return nil
}

func (c *campaign) pauseRedis(ctx context.Context, _ *node) error {
	return c.paused(ctx, c.lasting("redis paused", 20*time.Second), c.cluster.redis.Pause, c.cluster.redis.Resume)
}

func (c *campaign) flushRedis(context.Context, *node) error {
	_, err := c.cluster.redis.Do("FLUSHALL")
	return err
}

// awaitRedisMissed waits until a server says that it misses Redis, and counts
// that.
func (c *campaign) awaitRedisMissed(ctx context.Context) {
	missed := func() (count int) {
		for _, n := range c.cluster.nodes {
			if strings.Contains(n.readiness(ctx), "Redis does not answer") {
				count++
			}
		}
		return count
	}
	if c.until(ctx, 15*time.Second, func() bool { return missed() > 0 }) {
		c.cluster.met.add(redisMissed, max(missed(), 1))
	}
}

// readiness is what the node says of itself, nothing if it does not answer soon.
func (n *node) readiness(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	host := n.host()
	if host == "" {
		return ""
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+"/readyz", nil)
	if err != nil {
		return ""
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, 16<<10))
	return string(text)
}

// crowdDatabase leaves the database fewer connections than the servers want, and
// ends those that they have.
func (c *campaign) crowdDatabase(ctx context.Context, _ *node) error {
	before, err := c.refusedByDatabase(ctx)
	if err != nil {
		return errMissed
	}
	err = c.cluster.db.AsRoot(func(_ context.Context, db *sql.DB) error {
		if _, err := db.ExecContext(ctx, "SET GLOBAL max_connections = 10"); err != nil {
			return err
		}
		_, err := db.ExecContext(ctx, "KILL USER parley")
		return err
	})
	people.Pause(ctx, c.lasting("database crowded", 20*time.Second))
	if err := c.cluster.db.Admin("SET GLOBAL max_connections = 400"); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	after, err := c.refusedByDatabase(ctx)
	c.cluster.met.add(databaseFull, after-before)
	return err
}

// refusedByDatabase is how many connections were refused as too many.
func (c *campaign) refusedByDatabase(ctx context.Context) (count int, err error) {
	err = c.cluster.db.AsRoot(func(_ context.Context, db *sql.DB) error {
		return db.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE 'Connection_errors_max_connections'").Scan(new(string), &count)
	})
	return count, err
}

// evictRedis leaves Redis so little memory that it throws away what it has.
func (c *campaign) evictRedis(ctx context.Context, _ *node) error {
	redis := c.cluster.redis
	if _, err := redis.Do("CONFIG", "SET", "maxmemory", "1", "maxmemory-policy", "allkeys-random"); err != nil {
		return err
	}
	people.Pause(ctx, c.lasting("redis evicting", 15*time.Second))
	said, err := redis.Do("INFO", "stats")
	if err != nil {
		return err
	}
	for line := range strings.Lines(said) {
		if text, found := strings.CutPrefix(strings.TrimSpace(line), "evicted_keys:"); found && text != "0" {
			c.cluster.met.add(evicted, 1)
		}
	}
	_, err = redis.Do("CONFIG", "SET", "maxmemory", "0")
	return err
}

// poisonRedis writes nonsense into everything that lies in Redis.
func (c *campaign) poisonRedis(context.Context, *node) error {
	said, err := c.cluster.redis.Do("KEYS", "*")
	if err != nil {
		return err
	}
	for _, key := range strings.Fields(said) {
		if _, err := c.cluster.redis.Do("SET", key, "nonsense"); err != nil {
			return err
		}
		c.cluster.met.add(poisoned, 1)
	}
	return nil
}
