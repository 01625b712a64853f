package history_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"testing"

	"github.com/redis/rueidis"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/store"
)

// BenchmarkRecent reads the latest 50 messages of a room from wherever they
// could be kept: the memory of a node that has the room open, Redis, SQLite and
// MariaDB. What Redis gives is not yet an answer: it is decoded, and proven not
// to be forged, and that is all. docs/decisions/0012 draws the conclusion.
func BenchmarkRecent(b *testing.B) {
	ctx := context.Background()
	filled := func(b *testing.B, at store.Config) (*world, *room) {
		w := openWorldOn(b, b.TempDir(), at)
		b.Cleanup(w.close)
		r := w.newRoom(b, chat.PublicRoom, w.bo)
		r.talk(b, w.ann, 1000)
		w.storeAll(b)
		r.open(b)
		return w, r
	}
	onSQLite, inSQLite := filled(b, store.Config{Path: b.TempDir() + "/store.db"})
	onMariaDB, inMariaDB := filled(b, store.Config{URL: services.SharedMariaDB(b).NewDatabase(b)})
	page, err := onSQLite.store.Page(ctx, inSQLite.id, store.PageQuery{Limit: chat.DefaultPage})
	if err != nil {
		b.Fatal(err)
	}
	redis, key := recentInRedis(b, page.Events)

	run := func(name string, read func() (int, error)) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if n, err := read(); err != nil || n != chat.DefaultPage {
					b.Fatal(n, err)
				}
			}
		})
	}
	run("memory", func() (int, error) {
		page, err := onSQLite.reader.Page(ctx, onSQLite.ann, inSQLite.id, history.PageQuery{})
		return len(page.Events), err
	})
	run("redis", func() (int, error) {
		values, err := redis.Do(ctx, redis.B().Lrange().Key(key).Start(-chat.DefaultPage).Stop(-1).Build()).AsStrSlice()
		if err != nil {
			return 0, err
		}
		return decodeRecent(b, values), nil
	})
	run("sqlite", func() (int, error) {
		page, err := onSQLite.store.Page(ctx, inSQLite.id, store.PageQuery{Limit: chat.DefaultPage})
		return len(page.Events), err
	})
	run("mariadb", func() (int, error) {
		page, err := onMariaDB.store.Page(ctx, inMariaDB.id, store.PageQuery{Limit: chat.DefaultPage})
		return len(page.Events), err
	})
}

// recentInRedis puts events into a list, as tightly as is sensible.
func recentInRedis(b *testing.B, events []*chat.Event) (client rueidis.Client, key string) {
	b.Helper()
	option, err := rueidis.ParseURL(services.PrivateRedis(b).URL())
	if err != nil {
		b.Fatal(err)
	}
	option.ForceSingleClient, option.DisableCache = true, true
	if client, err = rueidis.NewClient(option); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.Close)
	key = "recent"
	for _, ev := range events {
		value := encodeRecent(ev)
		if err := client.Do(b.Context(), client.B().Rpush().Key(key).Element(value).Build()).Error(); err != nil {
			b.Fatal(err)
		}
	}
	return client, key
}

func encodeRecent(ev *chat.Event) string {
	var text []byte
	for _, n := range []uint64{uint64(ev.Seq), ev.N, uint64(ev.User), uint64(ev.At), uint64(ev.Rev), uint64(ev.TargetSeq)} {
		text = binary.AppendUvarint(text, n)
	}
	for _, s := range []string{string(ev.Kind), string(ev.Outcome), ev.CID, ev.MAC, ev.ID, string(ev.Chain[:]), string(ev.Body)} {
		text = binary.AppendUvarint(text, uint64(len(s)))
		text = append(text, s...)
	}
	return string(sealed(text)) + string(text)
}

func sealed(text []byte) []byte {
	mac := hmac.New(sha256.New, macKey)
	mac.Write(text)
	return mac.Sum(nil)[:16]
}

func decodeRecent(b *testing.B, values []string) (events int) {
	for _, value := range values {
		text := []byte(value[16:])
		if !hmac.Equal(sealed(text), []byte(value[:16])) {
			b.Fatal("forged")
		}
		ev := new(chat.Event)
		var numbers [6]uint64
		for i := range numbers {
			n, size := binary.Uvarint(text)
			numbers[i], text = n, text[size:]
		}
		ev.Seq, ev.N, ev.User = chat.Seq(numbers[0]), numbers[1], chat.UserID(numbers[2])
		ev.At, ev.Rev, ev.TargetSeq = int64(numbers[3]), chat.Seq(numbers[4]), chat.Seq(numbers[5])
		var texts [7]string
		for i := range texts {
			n, size := binary.Uvarint(text)
			texts[i], text = string(text[size:size+int(n)]), text[size+int(n):]
		}
		ev.Kind, ev.Outcome, ev.CID = chat.Kind(texts[0]), chat.Outcome(texts[1]), texts[2]
		ev.MAC, ev.ID, ev.Body = texts[3], texts[4], []byte(texts[6])
		copy(ev.Chain[:], texts[5])
		if ev.Seq == 0 {
			b.Fatal("no event: " + strconv.Quote(value))
		}
		events++
	}
	return events
}
