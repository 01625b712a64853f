//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/eventlog"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/internal/loadgen"
	"github.com/parleychat/parley/store"
)

// What is read: pages of pageSize by historyReaders people in turn, who each stay
// below the burst that a person may read at once (500) with four turns. Latest
// pages and others take turns of readsInTurn.
const (
	pageSize       = 50
	historyReaders = 4
	historyWarmup  = 100
	readsInTurn    = 200
)

// reads is what reading a room's history cost.
type reads struct {
	latest, deep readCost
	pageBytes    int // on average
}

// readCost is of one read: the server's processor time, and the time until it was
// answered.
type readCost struct{ cpu, p50 time.Duration }

// filledRoom is a public room whose events 2 and above are messages.
type filledRoom struct {
	id       string
	messages int
	tokens   []string // of people who may read it
}

// measureHistory makes a room of so many messages, once for all rounds, and reads
// it in so many turns: the latest page, which a server has in memory, and pages
// anywhere in it, which it has not.
func measureHistory(messages, turns int) func(context.Context, server, workload) (result, error) {
	var room *filledRoom
	return func(ctx context.Context, s server, _ workload) (result, error) {
		if room == nil {
			made, err := fillRoom(ctx, s, messages)
			if err != nil {
				return result{}, fmt.Errorf("fill a room: %w", err)
			}
			room = made
		}
		r, err := s.start(ctx)
		if err != nil {
			return result{}, err
		}
		defer r.stop()
		cost, err := room.read(ctx, r, turns)
		return result{reads: cost}, err
	}
}

func (f *filledRoom) read(ctx context.Context, r *running, turns int) (cost reads, err error) {
	reader := pageReader{ctx: ctx, room: f, url: r.url}
	defer http.DefaultClient.CloseIdleConnections()
	for range historyWarmup {
		if err := errors.Join(reader.latest(), reader.deep()); err != nil {
			return reads{}, err
		}
	}
	var latest, deep costs
	for range turns {
		if err := errors.Join(latest.measure(r, reader.latest), deep.measure(r, reader.deep)); err != nil {
			return reads{}, err
		}
	}
	return reads{latest: latest.each(), deep: deep.each(), pageBytes: reader.bytes / reader.pages}, nil
}

// costs adds up.
type costs struct {
	cpu   time.Duration
	times []time.Duration
}

// measure reads readsInTurn times, one after the other.
func (c *costs) measure(r *running, read func() error) error {
	before, err := loadgen.ReadUsage(r.cmd.Process.Pid)
	if err != nil {
		return err
	}
	for range readsInTurn {
		begun := time.Now()
		if err := read(); err != nil {
			return err
		}
		c.times = append(c.times, time.Since(begun))
	}
	after, err := loadgen.ReadUsage(r.cmd.Process.Pid)
	c.cpu += after.Since(before).CPU
	return err
}

func (c *costs) each() readCost {
	slices.Sort(c.times)
	return readCost{cpu: c.cpu / time.Duration(len(c.times)), p50: c.times[len(c.times)/2]}
}

// pageReader asks for pages and checks them.
type pageReader struct {
	ctx          context.Context
	room         *filledRoom
	url          string
	pages, bytes int
}

func (p *pageReader) latest() error { return p.page(p.room.messages + 2) }

// deep is a page anywhere but at the beginning: the first one has the room's
// creation, too.
func (p *pageReader) deep() error {
	const first = 2 + pageSize + 1 // before it lie a page and one message
	return p.page(first + rand.IntN(p.room.messages+2-first))
}

// page reads the messages before an event, the latest ones if there is none yet
// of that number.
func (p *pageReader) page(before int) error {
	url := fmt.Sprintf("%s/api/v1/rooms/%s/messages?limit=%d", p.url, p.room.id, pageSize)
	if before < p.room.messages+2 {
		url += "&before=" + strconv.Itoa(before)
	}
	var page struct{ Events []struct{ Seq int } }
	p.pages++
	size, err := getJSON(p.ctx, url, p.room.tokens[p.pages%len(p.room.tokens)], &page)
	if err != nil {
		return err
	}
	p.bytes += size
	if len(page.Events) != pageSize {
		return fmt.Errorf("the page before %d has %d events, not %d", before, len(page.Events), pageSize)
	}
	for i, event := range page.Events {
		if want := before - pageSize + i; event.Seq != want {
			return fmt.Errorf("the page before %d has event %d where %d belongs", before, event.Seq, want)
		}
	}
	return nil
}

func getJSON(ctx context.Context, url, token string, into any) (size int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("GET %s: %s: %.200s", url, resp.Status, body)
	}
	return len(body), json.Unmarshal(body, into)
}

// fillRoom lets the server make people and a room, and writes the messages into
// its log and store while it is down: a person may send ten a second only.
func fillRoom(ctx context.Context, s server, messages int) (*filledRoom, error) {
	r, err := s.start(ctx)
	if err != nil {
		return nil, err
	}
	room, author, err := emptyRoom(ctx, s, r.url)
	if err := errors.Join(err, r.stop()); err != nil {
		return nil, err
	}
	room.messages = messages
	id, err := strconv.ParseInt(room.id, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the room's id: %w", err)
	}
	return room, write(ctx, s.data, chat.RoomID(id), author, messages)
}

func emptyRoom(ctx context.Context, s server, url string) (*filledRoom, chat.UserID, error) {
	tokens, err := s.stage.Tokens(ctx, url, historyReaders)
	if err != nil {
		return nil, 0, err
	}
	rooms, err := s.stage.Rooms(ctx, url, 1)
	if err != nil {
		return nil, 0, err
	}
	var creator struct{ ID chat.UserID }
	_, err = getJSON(ctx, url+"/api/v1/me", tokens[0], &creator)
	return &filledRoom{id: rooms[0], tokens: tokens}, creator.ID, err
}

// write appends messages behind the room's creation, and lets a recorder store
// them.
func write(ctx context.Context, data string, room chat.RoomID, author chat.UserID, messages int) (err error) {
	quiet := slog.New(slog.DiscardHandler)
	log, err := eventlog.OpenSQLite(filepath.Join(data, "log.db"), eventlog.SQLiteOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	db, err := store.Open(ctx, store.Config{Path: filepath.Join(data, "parley.db"), Logger: quiet})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	if err := appendMessages(log, room, author, messages); err != nil {
		return err
	}
	recorder := history.NewRecorder(history.RecorderConfig{Log: log, Store: db, Logger: quiet})
	recording, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = recorder.Run(recording) // Drain tells if it fails
	}()
	defer func() { stop(); <-ended }()
	return recorder.Drain(ctx)
}

// appendMessages says one thing a second, the last one now.
func appendMessages(log eventlog.Log, room chat.RoomID, author chat.UserID, messages int) error {
	signer := chat.NewSigner([]byte("bench"))
	now := time.Now()
	const together = 1000
	for first := 0; first < messages; first += together {
		answers := make(chan error, together)
		n := min(together, messages-first)
		for i := range n {
			k := first + i
			at := now.Add(time.Duration(k-messages+1) * time.Second).UnixMilli()
			rec := chat.Record{
				Kind: chat.KindMessage, Room: room, User: author, At: at,
				After: chat.Seq(k + 1), // the creation, and the messages before it
				CID:   fmt.Sprintf("%08x-%04x-7000-8000-%012x", at>>16, at&0xffff, k),
				Text:  fmt.Sprintf("Message %d of a long talk in which nobody says anything that matters.", k),
			}
			rec.MAC = signer.Sign(&rec)
			headers, value, err := chat.Encode(&rec)
			if err != nil {
				return err
			}
			record := eventlog.Record{Key: []byte(strconv.FormatInt(int64(room), 10)), Value: value}
			for _, h := range headers {
				record.Headers = append(record.Headers, eventlog.Header(h))
			}
			log.Append(0, record, func(_ eventlog.Position, err error) { answers <- err })
		}
		for range n {
			if err := <-answers; err != nil {
				return err
			}
		}
	}
	return nil
}
