package people

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/parleychat/parley/internal/check"
)

// Crowd is everybody who uses one server, with what they have in common. Make
// it with [NewCrowd], fill in what is exported, and let it run.
type Crowd struct {
	History *check.Writer // what they see
	Dice    *Dice
	Habits  Habits
	REST    REST
	Rooms   []int64
	Private map[int64]bool // by room: its messages have words that must stay there
	Devices []*Device

	// Server says where the server is, as soon as it may be there. It fails
	// when ctx ends.
	Server func(ctx context.Context) (base string, err error)
	// Problem is told what is wrong beside the histories.
	Problem func(format string, args ...any)
	// Impatient is told that a device has waited too long for an answer. nil:
	// that is a problem.
	Impatient func(device string)
	// Met is told what has come to pass; nil: nobody.
	Met func(what string)

	// What they are told to do.
	Volley Bell         // everybody sends now
	Hush   atomic.Bool  // nobody does anything
	Forget atomic.Bool  // nobody knows where they were
	Bulk   atomic.Int64 // characters more in each message
	quiet  chan struct{}

	// What they have done.
	Progress Progress
	Bulky    atomic.Int64 // messages of a bulk that were acknowledged
	cids     recentCIDs
	secrets  secrets
}

// Habits are how people behave. Times are means.
type Habits struct {
	Thinking time.Duration // between two messages of an outbox
	Browsing time.Duration // between two pages that a device reads
	Staying  time.Duration // before a device leaves a room, or goes
	Calls    float64       // of all sends those over REST
	Heeding  float64       // of all volleys those that an outbox joins
	// Forgetful is how often a device has forgotten where it was, and
	// Nostalgic how often it begins at the very beginning then.
	Forgetful, Nostalgic float64
}

// Person is somebody with an account.
type Person struct {
	Name     string
	ID       int64
	Token    string
	Devices  []*Device
	Wanders  bool          // leaves rooms for good, now and then
	Patience *rate.Limiter // keeps below the server's limit of sends
	Skew     time.Duration // of their devices' clocks
	// Outcast names the rooms that they are thrown out of, now and then.
	Outcast map[int64]bool
}

// NewPatience keeps a person just below what the server takes of one.
func NewPatience() *rate.Limiter { return rate.NewLimiter(9, 40) }

// NewCrowd makes a crowd of nobody.
func NewCrowd(dice *Dice, history *check.Writer) *Crowd {
	c := &Crowd{Dice: dice, History: history, quiet: make(chan struct{})}
	c.Volley.next = make(chan struct{})
	c.Progress.changed = make(chan struct{})
	return c
}

// Run lets every device live until ctx ends.
func (c *Crowd) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, d := range c.Devices {
		all.Go(func() { d.run(ctx) })
	}
	all.Wait()
}

// Finish asks everybody to finish what they are at, and only to listen from
// then on. It is called once.
func (c *Crowd) Finish() { close(c.quiet) }

// Finishing is closed by Finish.
func (c *Crowd) Finishing() <-chan struct{} { return c.quiet }

func (c *Crowd) isQuiet() bool {
	select {
	case <-c.quiet:
		return true
	default:
		return false
	}
}

// Drained waits until nobody has anything more to do: the rooms have their last
// event.
func (c *Crowd) Drained(ctx context.Context) error {
	for _, d := range c.Devices {
		select {
		case <-d.settled:
		case <-ctx.Done():
			return fmt.Errorf("%s has not joined its rooms again: %w", d.name, context.Cause(ctx))
		}
		for _, p := range d.places {
			select {
			case <-p.finished:
			case <-ctx.Done():
				return fmt.Errorf("the outbox of %s for room %d is not empty: %w", d.name, p.room, context.Cause(ctx))
			}
		}
	}
	return nil
}

// CaughtUp waits until every device has reached every head.
func (c *Crowd) CaughtUp(ctx context.Context, heads map[int64]uint64) error {
	for _, d := range c.Devices {
		for _, p := range d.places {
			if err := c.Progress.Wait(ctx, func() bool { return p.reached(heads[p.room]) }); err != nil {
				return fmt.Errorf("%s did not reach the head %d of room %d: %w", d.name, heads[p.room], p.room, err)
			}
		}
	}
	return nil
}

// Joined waits until every device is subscribed to the first of its rooms.
func (c *Crowd) Joined(ctx context.Context) error {
	for _, d := range c.Devices {
		if err := c.Progress.Wait(ctx, func() bool { return d.places[0].reached(1) }); err != nil {
			return fmt.Errorf("%s joins: %w", d.name, err)
		}
	}
	return nil
}

func (c *Crowd) met(what string) {
	if c.Met != nil {
		c.Met(what)
	}
}
