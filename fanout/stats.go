package fanout

// Stats is how much a hub has to do.
type Stats struct {
	Rooms         int    // open
	Subscriptions int    // of sockets to rooms
	Deliveries    uint64 // frames of broadcasts given to sockets, ever
	Partitions    []PartitionStats
}

// PartitionStats is how far a partition of the log has come on this node.
type PartitionStats struct {
	Partition int32
	Applied   int64 // the next offset not yet applied here
	Stored    int64 // the next offset that the store does not hold, as last known
}

// Stats counts. It takes each partition's lock for a moment in proportion to
// its open rooms; what is delivered meanwhile is not held up by counting it.
func (h *Hub) Stats() Stats {
	var stats Stats
	for _, p := range h.parts {
		p.mu.Lock()
		stats.Rooms += len(p.rooms)
		for _, r := range p.rooms {
			for _, n := range r.subscribers {
				stats.Subscriptions += n
			}
		}
		stats.Partitions = append(stats.Partitions, PartitionStats{Partition: p.no, Applied: p.applied, Stored: p.watermark})
		p.mu.Unlock()
	}
	for _, s := range h.shards {
		stats.Deliveries += s.delivered.Load()
	}
	return stats
}
