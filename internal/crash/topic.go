package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/internal/people"
)

// lookAtCluster writes down what database and log hold at this instant, while
// the servers run or not: first a snapshot of the database is taken, then the
// log read to its end, which is not below it.
func (c *campaign) lookAtCluster(ctx context.Context, whole bool) (behind int64, err error) {
	err = c.cluster.db.AsRoot(func(_ context.Context, db *sql.DB) error {
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
	ends, err := c.topicEnds(ctx)
	if err != nil {
		return err
	}
	for partition, end := range ends {
		if err := c.dumpPartition(ctx, partition, end); err != nil {
			return fmt.Errorf("partition %d: %w", partition, err)
		}
	}
	return nil
}

// topicEnds are the next offsets of all partitions.
func (c *campaign) topicEnds(ctx context.Context) (ends []int64, err error) {
	ask := []string{"-Q"}
	for partition := range partitions {
		ask = append(ask, "-t", fmt.Sprintf("%s:%d:-1", eventlog.KafkaTopic, partition))
	}
	said, err := c.kcat(ctx, ask...)
	if err != nil {
		return nil, err
	}
	ends = make([]int64, partitions)
	told := 0
	for line := range strings.Lines(string(said)) {
		var partition int
		var end int64
		if _, err := fmt.Sscanf(line, eventlog.KafkaTopic+" [%d] offset %d", &partition, &end); err != nil || partition >= partitions {
			return nil, fmt.Errorf("kcat said %.200q of the ends", said)
		}
		ends[partition] = end
		told++
	}
	if told != partitions {
		return nil, fmt.Errorf("kcat said %.200q of %d ends", said, partitions)
	}
	return ends, nil
}

func (c *campaign) dumpPartition(ctx context.Context, partition int, end int64) error {
	from := c.files.LoggedOf(partition)
	if end <= from {
		return nil
	}
	// It would not end by itself while more is written.
	output, err := c.kcat(ctx, "-C", "-t", eventlog.KafkaTopic, "-p", strconv.Itoa(partition), "-q", "-J",
		"-o", strconv.FormatInt(from, 10), "-c", strconv.FormatInt(end-from, 10))
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
		if err := c.files.Record(partition, record.Offset, []byte(record.Payload)); err != nil {
			return err
		}
	}
	return nil
}

// placed is where a partition of the topic is, as kcat tells it.
type placed struct {
	Partition int
	Leader    int32
	ISRs      []struct{ ID int32 }
}

// placement is where the topic's partitions are.
func (c *campaign) placement(ctx context.Context) ([]placed, error) {
	return c.placementSaid(ctx, c.cluster.kafka.Addrs())
}

// placementWithout is placement without asking one of the brokers.
func (c *campaign) placementWithout(ctx context.Context, broker int32) ([]placed, error) {
	addrs := c.cluster.kafka.Addrs()
	return c.placementSaid(ctx, slices.Delete(addrs, int(broker)-1, int(broker)))
}

func (c *campaign) placementSaid(ctx context.Context, addrs []string) ([]placed, error) {
	said, err := c.kcatAt(ctx, addrs, "-L", "-J", "-t", eventlog.KafkaTopic)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Topics []struct{ Partitions []placed }
	}
	if err := json.Unmarshal(said, &answer); err != nil || len(answer.Topics) != 1 {
		return nil, fmt.Errorf("kcat said %.200s of the topic: %w", said, err)
	}
	return answer.Topics[0].Partitions, nil
}

// kcatTime bounds a call of kcat, and kcatPatience how long it may be refused:
// a partition can be without a leader for a while after its broker was gone.
const (
	kcatTime     = 30 * time.Second
	kcatPatience = 2 * time.Minute
)

// kcat calls kcat until it has an answer.
func (c *campaign) kcat(ctx context.Context, args ...string) (output []byte, err error) {
	for end := time.Now().Add(kcatPatience); ; {
		output, err = c.kcatAt(ctx, c.cluster.kafka.Addrs(), args...)
		if err == nil || time.Now().After(end) || !people.Pause(ctx, 500*time.Millisecond) {
			return output, err
		}
	}
}

func (c *campaign) kcatAt(ctx context.Context, addrs []string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, kcatTime)
	defer cancel()
	var complaint bytes.Buffer
	command := exec.CommandContext(ctx, "kcat", append([]string{"-b", strings.Join(addrs, ",")}, args...)...)
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("kcat %v: %w: %.300s", args, err, complaint.Bytes())
	}
	return output, nil
}
