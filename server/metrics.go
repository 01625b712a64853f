package server

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/redis/rueidis"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/socketio"
	"github.com/parleychat/parley/socketio/engineio"
	"github.com/parleychat/parley/store"
)

// metrics are a node's numbers for Prometheus; docs/metrics.md lists them. What
// happens often is counted by the parts themselves, and read when somebody
// asks: a delivery costs nothing for it.
type metrics struct {
	registry *prometheus.Registry

	appends  prometheus.Histogram
	follows  prometheus.Histogram
	redis    prometheus.Histogram
	commits  prometheus.Histogram
	stored   prometheus.Counter
	noRedis  prometheus.Counter
	refusals map[string]*tally // by surface
	closed   *tally            // by the code of the problem
}

// Surfaces on which something is refused.
const (
	surfaceSocket = "socket"
	surfaceREST   = "rest"
)

// closeCodes are the codes with which a server closes sockets.
var closeCodes = []string{"unauthorized", "revoked", "slow", "protocol", "draining", "tooMany", "unavailable"}

// latencies reach from a tenth of a millisecond to seven seconds.
var latencies = prometheus.ExponentialBuckets(0.0001, 2.5, 13)

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		appends: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_append_seconds", Help: "Time from handing a record to the log until it is durable.", Buckets: latencies,
		}),
		follows: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_follow_seconds", Help: "Age of the newest record of each batch of the log when it came to this server, by the clocks of both.", Buckets: latencies,
		}),
		redis: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_redis_seconds", Help: "Time of one command of Redis that was answered.", Buckets: latencies,
		}),
		noRedis: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_redis_errors_total", Help: "Commands of Redis that were not answered, or with an error.",
		}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_store_seconds", Help: "Time of one transaction of the recorder.", Buckets: latencies,
		}),
		stored: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_stored_events_total", Help: "Events that the recorder has stored.",
		}),
		closed: newTally(closeCodes),
	}
	var codes []string
	for _, info := range chat.Codes {
		codes = append(codes, string(info.Code))
	}
	m.refusals = map[string]*tally{surfaceSocket: newTally(codes), surfaceREST: newTally(codes)}
	m.registry.MustRegister(m.appends, m.follows, m.commits, m.stored, m.redis, m.noRedis,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// handler answers in the text format of Prometheus.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// tally counts by a word out of a list that is known beforehand.
type tally struct {
	counts map[string]*atomic.Int64 // never changes
}

func newTally(words []string) *tally {
	t := &tally{counts: make(map[string]*atomic.Int64, len(words))}
	for _, word := range words {
		t.counts[word] = new(atomic.Int64)
	}
	return t
}

// add counts a word; one that is not in the list is passed over.
func (t *tally) add(word string) {
	if count := t.counts[word]; count != nil {
		count.Add(1)
	}
}

// timedLog measures how long appending takes, and how old records are when they
// come.
type timedLog struct {
	eventlog.Log
	took prometheus.Observer
	age  prometheus.Observer
}

// Follow implements [eventlog.Log].
func (l timedLog) Follow(ctx context.Context, partition int32, from int64, fn func([]eventlog.Entry) error) error {
	return l.Log.Follow(ctx, partition, from, func(batch []eventlog.Entry) error {
		if len(batch) > 0 {
			// The clocks of two machines may differ.
			l.age.Observe(max(0, time.Since(batch[len(batch)-1].Time).Seconds()))
		}
		return fn(batch)
	})
}

// Append implements [eventlog.Log].
func (l timedLog) Append(partition int32, record eventlog.Record, done func(eventlog.Position, error)) {
	begun := time.Now()
	l.Log.Append(partition, record, func(at eventlog.Position, err error) {
		if err == nil {
			l.took.Observe(time.Since(begun).Seconds())
		}
		done(at, err)
	})
}

// timedRedis measures what is asked of Redis. What Redis tells by itself is not
// counted.
type timedRedis struct {
	rueidis.Client
	took   prometheus.Observer
	failed prometheus.Counter
}

// Do implements [rueidis.Client].
func (r timedRedis) Do(ctx context.Context, command rueidis.Completed) rueidis.RedisResult {
	begun := time.Now()
	result := r.Client.Do(ctx, command)
	r.note(begun, result)
	return result
}

// DoMulti implements [rueidis.Client].
func (r timedRedis) DoMulti(ctx context.Context, commands ...rueidis.Completed) []rueidis.RedisResult {
	begun := time.Now()
	results := r.Client.DoMulti(ctx, commands...)
	for _, result := range results {
		r.note(begun, result)
	}
	return results
}

func (r timedRedis) note(begun time.Time, result rueidis.RedisResult) {
	if err := result.Error(); err != nil && !rueidis.IsRedisNil(err) {
		r.failed.Inc()
		return
	}
	r.took.Observe(time.Since(begun).Seconds())
}

// timedStore measures the recorder's transactions.
type timedStore struct {
	history.RecorderStore
	took   prometheus.Observer
	stored prometheus.Counter
}

// Commit implements [history.RecorderStore].
func (s timedStore) Commit(ctx context.Context, batch store.Batch) error {
	begun := time.Now()
	err := s.RecorderStore.Commit(ctx, batch)
	if err == nil {
		s.took.Observe(time.Since(begun).Seconds())
		s.stored.Add(float64(len(batch.Items)))
	}
	return err
}

// nodeNumbers reads what the parts of a node have counted.
type nodeNumbers struct{ s *Server }

// number describes a metric of the node.
func number(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	buildInfo     = number("parley_build_info", "Always 1; the labels say which Parley this is.", "version", "go", "node")
	socketsOpen   = number("parley_sockets", "Connections there are now.")
	peopleHere    = number("parley_signed_in_sockets", "Of these, those that are signed in.")
	opened        = number("parley_connections_opened_total", "Connections that were opened.")
	upgraded      = number("parley_connections_upgraded_total", "Of these, those that became a WebSocket later.")
	refused       = number("parley_connections_refused_total", "Requests of sockets that were answered with an error.")
	ended         = number("parley_connections_closed_total", "Connections that have ended, by reason.", "reason")
	closedByCode  = number("parley_problems_total", "Sockets that the server closed with a problem, by its code.", "code")
	writes        = number("parley_socket_writes_total", "System calls that wrote to sockets.")
	frames        = number("parley_socket_frames_total", "Frames that they wrote.")
	bytesWritten  = number("parley_socket_bytes_total", "Bytes that they wrote.")
	stalled       = number("parley_socket_stalls_total", "Times that a peer did not take everything at once.")
	overflows     = number("parley_socket_overflows_total", "Connections whose queue was full.")
	roomsOpen     = number("parley_rooms_open", "Rooms whose state is in memory.")
	subscriptions = number("parley_subscriptions", "Subscriptions of sockets to rooms.")
	deliveries    = number("parley_deliveries_total", "Frames of events that were given to sockets.")
	applied       = number("parley_applied_offset", "Next offset of the log that was not applied here yet.", "partition")
	lag           = number("parley_recorder_lag_records", "Records that were applied here and are not stored yet.", "partition")
	givenUp       = number("parley_recorder_partitions_given_up", "Partitions with a record that this version cannot store; it has left them to a newer one.")
	refusedCodes  = number("parley_refusals_total", "What was refused to clients, by surface and code.", "surface", "code")
	limited       = number("parley_rate_limited_total", "What was refused because a person's bucket was empty, by bucket.", "bucket")
	historyReads  = number("parley_history_reads_total", "Pages and parts of resumes that were answered, from memory alone or with the database.", "from")
	dbErrors      = number("parley_database_errors_total", "Transactions that failed because the database could not be used.")
	redisNodes    = number("parley_redis_other_servers", "Other servers that are known over Redis.")
	partOK        = number("parley_part_ok", "1 while nothing is wrong with a part of the server, else 0.", "part")
	partWrong     = number("parley_part_wrong_seconds", "How long something has been wrong with a part of the server; 0 while nothing is.", "part")
	freshFor      = number("parley_freshness_seconds", "Age of the latest proof that nobody's rights were lost unheard; 0 without other nodes.")
)

// Describe implements [prometheus.Collector].
func (n nodeNumbers) Describe(descs chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		buildInfo, socketsOpen, peopleHere, opened, upgraded, refused, ended, closedByCode, writes, frames, bytesWritten, stalled,
		overflows, roomsOpen, subscriptions, deliveries, applied, lag, givenUp, refusedCodes, limited, historyReads, dbErrors, redisNodes, partOK, partWrong, freshFor,
	} {
		descs <- desc
	}
}

// Collect implements [prometheus.Collector].
func (n nodeNumbers) Collect(out chan<- prometheus.Metric) {
	tell := func(desc *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, kind, value, labels...)
	}
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		tell(desc, prometheus.GaugeValue, value, labels...)
	}
	count := func(desc *prometheus.Desc, value int64, labels ...string) {
		tell(desc, prometheus.CounterValue, float64(value), labels...)
	}
	gauge(buildInfo, 1, n.s.cfg.Version, runtime.Version(), n.s.cfg.NodeID)
	n.sockets(n.s.sockets.Stats(), gauge, count)
	hub := n.s.hub.Stats()
	gauge(roomsOpen, float64(hub.Rooms))
	gauge(subscriptions, float64(hub.Subscriptions))
	count(deliveries, int64(hub.Deliveries))
	for _, p := range hub.Partitions {
		partition := strconv.Itoa(int(p.Partition))
		gauge(applied, float64(p.Applied), partition)
		gauge(lag, float64(max(0, p.Applied-p.Stored)), partition)
	}
	gauge(givenUp, float64(n.s.recorder.GaveUp()))
	for surface, codes := range n.s.metrics.refusals {
		for code, refused := range codes.counts {
			count(refusedCodes, refused.Load(), surface, code)
		}
	}
	for code, sockets := range n.s.metrics.closed.counts {
		count(closedByCode, sockets.Load(), code)
	}
	for bucket, refused := range n.s.limits.Refused() {
		count(limited, refused, bucket)
	}
	reads := n.s.reader.Stats()
	count(historyReads, reads.FromMemory, "memory")
	count(historyReads, reads.FromStore, "store")
	count(dbErrors, n.s.store.Failures())
	if n.s.shared != nil {
		others, _ := n.s.shared.Others() // the part "presence" tells of the error
		gauge(redisNodes, float64(others))
	} else {
		gauge(redisNodes, 0)
	}
	n.s.health.each(func(part string, since time.Time) {
		if since.IsZero() {
			gauge(partOK, 1, part)
			gauge(partWrong, 0, part)
		} else {
			gauge(partOK, 0, part)
			gauge(partWrong, time.Since(since).Seconds(), part)
		}
	})
	gauge(freshFor, n.s.sinceProof().Seconds())
}

func (n nodeNumbers) sockets(stats socketio.Stats, gauge func(*prometheus.Desc, float64, ...string), count func(*prometheus.Desc, int64, ...string)) {
	gauge(socketsOpen, float64(stats.Open))
	gauge(peopleHere, float64(n.s.gateway.NumSockets()))
	count(opened, stats.Opened)
	count(upgraded, stats.Upgraded)
	count(refused, stats.Refused)
	for _, reason := range engineio.Reasons() {
		count(ended, stats.Closed[reason], strings.ReplaceAll(reason.String(), " ", "_"))
	}
	count(writes, stats.Writes)
	count(frames, stats.Frames)
	count(bytesWritten, stats.Bytes)
	count(stalled, stats.Stalled)
	count(overflows, stats.Overflow)
}

// sinceProof is how long this node has gone without a proof that it has heard
// of everybody who lost their rights.
func (s *Server) sinceProof() time.Duration {
	if s.control == nil {
		return 0
	}
	latest := s.auth.Polled()
	if told := s.control.proven(); told.After(latest) {
		latest = told
	}
	return time.Since(latest)
}
