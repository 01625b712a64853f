package eventlog

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// watchEvery is how often the cluster is asked about the topic.
const watchEvery = time.Second

// missingAtMost is how long the topic may be unknown to the brokers: one that
// has just started may not know it yet. Tests change it.
var missingAtMost = 15 * time.Second

// watch is the goroutine that notices when the topic becomes another one. The
// client itself does not write to one of another id, nor read it.
func (l *Kafka) watch() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	seen := time.Now()
	grown := false
	for {
		select {
		case <-tick.C:
		case <-l.ctx.Done():
			return
		}
		ctx, cancel := context.WithTimeout(l.ctx, boundTimeout)
		facts, err := l.learnLeaders(ctx)
		cancel()
		switch {
		case err != nil:
			// Nothing is known: those who need the brokers find out themselves.
			seen = time.Now()
		case facts == nil:
			if missing := time.Since(seen); missing > missingAtMost {
				l.fail(fmt.Errorf("the topic was deleted; it is missing for %v", missing.Round(time.Second)))
				return
			}
		default:
			seen = time.Now()
			if facts.id != l.topic {
				l.fail(fmt.Errorf("%w: the topic had the id %s and has %s, so it was deleted and made anew", ErrEpochChanged, l.topic, topicID(facts.id)))
				return
			}
			if len(facts.partitions) > int(l.opts.Partitions) && !grown {
				grown = true
				l.opts.Logger.Warn("the topic has got more partitions; they are used after a restart with the new number",
					slog.String("topic", l.opts.Topic), slog.Int("partitions", len(facts.partitions)))
			}
		}
	}
}

// learnLeaders asks the cluster about the topic, and notes who leads the
// partitions if it still is ours.
func (l *Kafka) learnLeaders(ctx context.Context) (*topicFacts, error) {
	facts, err := describe(ctx, l.client, l.opts.Topic)
	if err == nil && facts != nil && facts.id == l.topic && len(facts.partitions) >= int(l.opts.Partitions) {
		l.leaders.Store(&facts.partitions)
	}
	return facts, err
}
