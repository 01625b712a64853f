package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/parleychat/parley/admin"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/store"
)

// Status is how a server and its data are. Without a server only the data are
// told of.
type Status struct {
	Version    string            `json:"version"`
	Epoch      string            `json:"epoch"`
	Partitions []PartitionStatus `json:"partitions"`
	// LastRecord is when the log took its last record; zero when it has none.
	LastRecord time.Time     `json:"lastRecord,omitzero"`
	Server     *ServerStatus `json:"server,omitempty"`
}

// PartitionStatus is how far a partition of the log is stored.
type PartitionStatus struct {
	Partition int32 `json:"partition"`
	Begin     int64 `json:"begin"`
	End       int64 `json:"end"`
	Watermark int64 `json:"watermark"` // -1: the store has none of this epoch
}

// ServerStatus is how a running server is.
type ServerStatus struct {
	Pid     int               `json:"pid"`
	Addr    string            `json:"addr"` // it listens on
	Since   time.Time         `json:"since"`
	Parts   map[string]string `json:"parts"` // "ok", or what is wrong
	Sockets int               `json:"sockets"`
	Rooms   int               `json:"rooms"` // open
	// Subscriptions of sockets to rooms.
	Subscriptions int `json:"subscriptions"`
	// Disagreements are what was counted in two ways and came to different
	// numbers: subscriptions, and the sockets that presence knows of.
	Disagreements []string `json:"disagreements,omitempty"`
	// Descriptors that are open, and how many may be; 0 where that is not
	// known.
	Descriptors      int    `json:"descriptors"`
	DescriptorsLimit uint64 `json:"descriptorsLimit"`
}

// status tells how everything is.
func (d *desk) status(ctx context.Context, _ struct{}, answer *admin.Answer) error {
	status := Status{Version: d.version, Epoch: d.log.Epoch()}
	marks, err := d.store.Watermarks(ctx)
	if err != nil {
		return err
	}
	for partition := range d.log.Partitions() {
		p, err := d.partitionStatus(ctx, partition, marks)
		if err != nil {
			return err
		}
		status.Partitions = append(status.Partitions, p)
		at, err := d.timeOf(ctx, partition, p.End-1, p.Begin)
		if err != nil {
			return err
		}
		if at.After(status.LastRecord) {
			status.LastRecord = at
		}
	}
	if d.server != nil {
		if status.Server, err = d.server.status(ctx); err != nil {
			return err
		}
	}
	return answer.Tell(status)
}

func (d *desk) partitionStatus(ctx context.Context, partition int32, marks []store.Watermark) (p PartitionStatus, err error) {
	p = PartitionStatus{Partition: partition, Watermark: -1}
	if p.Begin, err = d.log.Begin(ctx, partition); err != nil {
		return p, err
	}
	if p.End, err = d.log.End(ctx, partition); err != nil {
		return p, err
	}
	for _, mark := range marks {
		if mark.Epoch == d.log.Epoch() && mark.Partition == partition {
			p.Watermark = mark.Next
		}
	}
	return p, nil
}

// timeOf is when the log took a record, zero when it lies below begin.
func (d *desk) timeOf(ctx context.Context, partition int32, offset, begin int64) (at time.Time, err error) {
	if offset < begin {
		return time.Time{}, nil
	}
	err = d.log.Follow(ctx, partition, offset, func(entries []eventlog.Entry) error {
		at = entries[0].Time
		return errTailed
	})
	if errors.Is(err, errTailed) {
		err = nil
	}
	return at, err
}

// Counting sockets and counting presence cannot be one moment; what differs at
// each of several looks is wrong.
const (
	presenceLooks = 5
	presencePause = 200 * time.Millisecond
)

func (s *Server) status(ctx context.Context) (*ServerStatus, error) {
	hub, err := s.hub.Audit(ctx)
	if err != nil {
		return nil, err
	}
	status := &ServerStatus{
		Pid: os.Getpid(), Addr: s.Addr().String(), Since: s.begun, Parts: make(map[string]string),
		Rooms: hub.Rooms, Subscriptions: hub.Subscriptions,
	}
	for _, check := range s.checks(ctx) {
		status.Parts[check.Name] = "ok"
		if check.Err != nil {
			status.Parts[check.Name] = check.Err.Error()
		}
	}
	var ghosts []string
	if status.Sockets, ghosts, err = s.countSockets(ctx); err != nil {
		return nil, err
	}
	status.Disagreements = append(hub.Disagreements, ghosts...)
	status.Descriptors, status.DescriptorsLimit = descriptors()
	return status, nil
}

// countSockets counts the sockets, and tells whom presence counts differently
// again and again.
func (s *Server) countSockets(ctx context.Context) (sockets int, ghosts []string, err error) {
	seen := make(map[string]int)
	for look := 1; ; look++ {
		n, differ := s.gateway.CountSockets()
		ghosts = ghosts[:0]
		for _, text := range differ {
			if seen[text]++; seen[text] == look {
				ghosts = append(ghosts, text)
			}
		}
		if len(ghosts) == 0 || look == presenceLooks {
			return n, ghosts, nil
		}
		select {
		case <-time.After(presencePause):
		case <-ctx.Done():
			return 0, nil, fmt.Errorf("count sockets: %w", ctx.Err())
		}
	}
}
