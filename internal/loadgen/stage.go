package loadgen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Terms are what a server promises its clients and allows one person.
type Terms struct {
	// Acknowledges: every send is answered, behind the event itself in the
	// sender's own stream.
	Acknowledges     bool
	SendsPerSecond   float64 // 0: no limit
	SendBurst        int
	SocketsPerPerson int
}

// Stage gives a run its people and its rooms. It may be used for several runs,
// one after the other, and keep what it has made as long as base leads to the
// same data.
type Stage interface {
	Terms() Terms
	// Tokens gives the access tokens of n people, "" where there are no accounts.
	Tokens(ctx context.Context, base string, n int) ([]string, error)
	// Rooms gives the ids, as JSON values, of n rooms that nobody else uses.
	Rooms(ctx context.Context, base string, n int) ([]string, error)
}

// Bare is the stage of a server without accounts, limits or acknowledgements,
// whose rooms exist by being joined.
type Bare struct{}

var _ Stage = Bare{}

// Terms of a bare server.
func (Bare) Terms() Terms { return Terms{SocketsPerPerson: 50} }

// Tokens are all empty.
func (Bare) Tokens(_ context.Context, _ string, n int) ([]string, error) {
	return make([]string, n), nil
}

// Rooms are numbers.
func (Bare) Rooms(_ context.Context, _ string, n int) ([]string, error) {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.Itoa(i + 1)
	}
	return ids, nil
}

const (
	// registering is how many people are registered at once: enough to keep
	// the few cores busy that hash passwords.
	registering = 4
	// patience is how long a busy server is asked again.
	patience = time.Minute
)

// Parley is the stage of a Parley server: it registers people and makes public
// rooms over REST, and keeps the people for the next run.
type Parley struct {
	// Client makes the REST calls; http.DefaultClient if nil.
	Client *http.Client

	mu     sync.Mutex
	tokens []string // guarded by mu
}

var _ Stage = (*Parley)(nil)

// Terms are Parley's default limits.
func (p *Parley) Terms() Terms {
	return Terms{Acknowledges: true, SendsPerSecond: 10, SendBurst: 50, SocketsPerPerson: 50}
}

// Tokens registers as many people as are missing.
func (p *Parley) Tokens(ctx context.Context, base string, n int) ([]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fresh := make([]string, max(0, n-len(p.tokens)))
	err := each(len(fresh), registering, func(i int) error {
		var err error
		fresh[i], err = p.register(ctx, base)
		return err
	})
	if err != nil {
		return nil, err
	}
	p.tokens = append(p.tokens, fresh...)
	return p.tokens[:n:n], nil
}

// Rooms makes n public rooms, their creators being the people in turn.
func (p *Parley) Rooms(ctx context.Context, base string, n int) ([]string, error) {
	people, err := p.Tokens(ctx, base, 1)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	people = p.tokens
	p.mu.Unlock()
	ids := make([]string, n)
	err = each(n, registering, func(i int) error {
		var err error
		ids[i], err = p.room(ctx, base, people[i%len(people)])
		return err
	})
	return ids, err
}

func (p *Parley) register(ctx context.Context, base string) (token string, err error) {
	mark := strconv.FormatUint(rand.Uint64(), 36)
	var answer struct{ Token string }
	err = p.post(ctx, base+"/api/register", "", map[string]string{
		"email": "bench-" + mark + "@bench.invalid", "password": "bench " + mark + " password",
	}, &answer)
	if err == nil && answer.Token == "" {
		err = errors.New("loadgen: register: the answer has no token")
	}
	return answer.Token, err
}

func (p *Parley) room(ctx context.Context, base, token string) (id string, err error) {
	var answer struct{ ID json.RawMessage }
	name := "bench " + strconv.FormatUint(rand.Uint64(), 36)
	err = p.post(ctx, base+"/api/chat", token, map[string]string{"name": name}, &answer)
	if err == nil && len(answer.ID) == 0 {
		err = errors.New("loadgen: create room: the answer has no id")
	}
	return string(answer.ID), err
}

// post makes one call, again after a while if the server is busy.
func (p *Parley) post(ctx context.Context, url, token string, body, answer any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("loadgen: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		after, err := p.postOnce(ctx, url, token, b, answer)
		if after == 0 || err == nil {
			return err
		}
		if waitErr := pauseFor(ctx, after); waitErr != nil {
			return errors.Join(err, waitErr)
		}
	}
}

// postOnce returns with its error how long to wait before the next try; 0 if
// none is worth it.
func (p *Parley) postOnce(ctx context.Context, url, token string, body []byte, answer any) (after time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("loadgen: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := p.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("loadgen: %w", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, fmt.Errorf("loadgen: POST %s: %w", url, err)
	}
	if resp.StatusCode/100 != 2 {
		return retryAfter(resp), fmt.Errorf("loadgen: POST %s: %s: %.200s", url, resp.Status, b)
	}
	if err := json.Unmarshal(b, answer); err != nil {
		return 0, fmt.Errorf("loadgen: POST %s: %w", url, err)
	}
	return 0, nil
}

// retryAfter is what a busy server asks for in whole seconds (RFC 9110, section
// 10.2.3), 1 s if it does not say; 0 if it is not busy.
func retryAfter(resp *http.Response) time.Duration {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || seconds < 1 {
		return time.Second
	}
	return time.Duration(seconds) * time.Second
}
