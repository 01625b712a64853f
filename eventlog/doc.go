// Package eventlog is an append-only log of small opaque records: the one door
// through which everything enters that must not be lost.
//
// A log has partitions. Within a partition the records have a total order,
// their offsets: 0, 1, 2 … without a hole, never given twice. A record that
// was answered with a position is durable; from then on every follower of its
// partition gets it, in offset order, exactly once per pass.
//
// [Log] is the contract. [OpenSQLite] opens the embedded implementation, one
// SQLite file with one partition for one process. [OpenKafka] opens a topic on
// Apache Kafka, for any number of processes, and [OpenEvents] the stream on
// which they tell each other what nobody has to keep. Package eventlogtest
// holds the conformance suite that every implementation has to pass.
//
// The package knows nothing of what the records mean: it neither looks into
// them, nor numbers them beyond their offset, nor removes copies. It does not
// keep other processes away from a file either; whoever opens it holds a lock
// on the directory. DESIGN.md tells why it is built the way it is.
package eventlog
