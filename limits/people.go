package limits

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/parleychat/parley/chat"
)

// Rates per person.
const (
	SendsPerSecond = 10
	SendsBurst     = 50
	JoinsPerSecond = 50
	JoinsBurst     = 500
	ReadsPerSecond = 50
	ReadsBurst     = 500
	// Searches for people: enough for somebody who types names, too few to
	// write down everybody who is on a server.
	SearchesPerSecond = 0.5
	SearchesBurst     = 30
	// Changes of drafts: several devices that tell of what is typed once a
	// second, and of many rooms when they come back.
	DraftsPerSecond = 5
	DraftsBurst     = 100
	// Pictures of oneself: each is a file to decode. Ten a minute.
	PicturesPerSecond = 1.0 / 6
	PicturesBurst     = 10

	// fullAfter is when the slowest of a person's buckets is full again: then
	// nothing is lost by forgetting them.
	fullAfter = time.Minute
	// maxPeople bounds how many people who have no socket are remembered.
	maxPeople = 100_000
)

// People holds everybody's buckets. It is safe for concurrent use.
type People struct {
	refused struct{ sends, joins, reads, searches, drafts, pictures atomic.Int64 }

	mu     sync.Mutex
	people map[chat.UserID]*Person
	idle   int // of these, how many have no socket
	swept  time.Time
}

// Person is one person's buckets: for what they write or change, for joining
// and leaving, for what they read and what is kept nowhere, for searches for
// people, for what they begin to write, for pictures of themselves; and where
// they have said that they write.
type Person struct {
	Sends, Joins, Reads, Searches, Drafts, Pictures Bucket
	Typing                                          Typing

	// Guarded by People.mu.
	sockets int
	used    time.Time // last seen without a socket
}

// NewPeople knows nobody yet.
func NewPeople() *People { return &People{people: make(map[chat.UserID]*Person)} }

// Of finds a person's buckets for one call.
func (p *People) Of(user chat.UserID, now time.Time) *Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep(now)
	person := p.find(user)
	person.used = now
	return person
}

// Enter finds a person's buckets for a socket and says how many sockets they
// have with it. They are kept until the socket's [People.Leave].
func (p *People) Enter(user chat.UserID) (person *Person, sockets int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	person = p.find(user)
	if person.sockets == 0 {
		p.idle--
	}
	person.sockets++
	return person, person.sockets
}

// Leave counts a socket out.
func (p *People) Leave(person *Person, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	person.sockets--
	if person.sockets == 0 {
		p.idle++
	}
	person.used = now
	p.sweep(now)
}

func (p *People) find(user chat.UserID) *Person {
	person := p.people[user]
	if person == nil {
		person = &Person{
			Sends:    Bucket{*rate.NewLimiter(SendsPerSecond, SendsBurst), &p.refused.sends},
			Joins:    Bucket{*rate.NewLimiter(JoinsPerSecond, JoinsBurst), &p.refused.joins},
			Reads:    Bucket{*rate.NewLimiter(ReadsPerSecond, ReadsBurst), &p.refused.reads},
			Searches: Bucket{*rate.NewLimiter(SearchesPerSecond, SearchesBurst), &p.refused.searches},
			Drafts:   Bucket{*rate.NewLimiter(DraftsPerSecond, DraftsBurst), &p.refused.drafts},
			Pictures: Bucket{*rate.NewLimiter(PicturesPerSecond, PicturesBurst), &p.refused.pictures},
		}
		p.people[user] = person
		p.idle++
	}
	return person
}

// sweep forgets full buckets of people without a socket. Every person has an
// account and a token, so the bound is only reached when so many really call
// within seconds.
func (p *People) sweep(now time.Time) {
	tooMany := p.idle >= maxPeople
	if now.Sub(p.swept) < fullAfter && !tooMany {
		return
	}
	p.swept = now
	for user, person := range p.people {
		if person.sockets == 0 && (tooMany || now.Sub(person.used) >= fullAfter) {
			delete(p.people, user)
			p.idle--
		}
	}
}

// Refused is how often people were told to slow down, by the bucket that was
// empty.
func (p *People) Refused() map[string]int64 {
	return map[string]int64{
		"sends":    p.refused.sends.Load(),
		"joins":    p.refused.joins.Load(),
		"reads":    p.refused.reads.Load(),
		"searches": p.refused.searches.Load(),
		"drafts":   p.refused.drafts.Load(),
		"pictures": p.refused.pictures.Load(),
	}
}
