package presence

import (
	"context"
	"strings"

	"github.com/redis/rueidis"
)

const (
	// maxWaiting is how many messages wait for Redis; more are lost.
	maxWaiting = 1024
	// tellAtOnce is how many go to Redis together.
	tellAtOnce = 64
)

// Tell implements [Teller].
func (r *Redis) Tell(message []byte) {
	select {
	case r.waiting <- r.node + " " + string(message):
	default:
	}
}

// Hear implements [Teller].
func (r *Redis) Hear(told func([]byte)) { r.told = told }

// sendWaiting hands messages to Redis until ctx ends. While Redis does not
// answer they are lost.
func (r *Redis) sendWaiting(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case message := <-r.waiting:
			r.publish(ctx, message)
		}
	}
}

// publish sends a message, and others that wait already.
func (r *Redis) publish(ctx context.Context, message string) {
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	commands := []rueidis.Completed{r.publication(message)}
	for len(commands) < tellAtOnce && len(r.waiting) > 0 {
		commands = append(commands, r.publication(<-r.waiting))
	}
	r.cfg.Client.DoMulti(ctx, commands...)
}

func (r *Redis) publication(message string) rueidis.Completed {
	return r.cfg.Client.B().Publish().Channel(r.key("hints")).Message(message).Build()
}

// hearHint hands on what another node told.
func (r *Redis) hearHint(message string) {
	if from, text, ours := strings.Cut(message, " "); ours && from != r.node && r.told != nil {
		r.told([]byte(text))
	}
}
