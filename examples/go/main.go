// A bot that answers ping with pong, made with package client. It misses no
// ping and answers each one once, whatever happens to the connection, the
// server or itself.
//
//	PARLEY_URL=http://127.0.0.1:3000 go run ./examples/go
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"

	"github.com/parleychat/parley/client"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	url := setting("PARLEY_URL", "http://127.0.0.1:3000")
	email, password := setting("PARLEY_EMAIL", "bot@example.org"), setting("PARLEY_PASSWORD", "beep boop beep")
	state := setting("PARLEY_STATE", "cursor.txt")

	var refused *client.Refused
	if err := client.Register(ctx, url, email, password); err != nil && !(errors.As(err, &refused) && refused.Code == "conflict") {
		return err
	}
	bot, err := client.Dial(ctx, client.Config{URL: url, Token: client.Password(url, email, password)})
	if err != nil {
		return err
	}
	defer bot.Close()

	cursor, err := os.ReadFile(state)
	if errors.Is(err, fs.ErrNotExist) {
		cursor = []byte("0") // the beginning of the room
	} else if err != nil {
		return err
	}
	room, err := bot.JoinName(ctx, setting("PARLEY_ROOM", "general"), client.Since(string(cursor)))
	if err != nil {
		return err
	}
	for ev, err := range room.Events(ctx) {
		if err != nil {
			return err
		}
		if ev.Kind == "message" && ev.MessageText == "ping" {
			// The cid is made of the ping: it is not answered twice, not even by a
			// bot that was killed before it could note that it has answered.
			pong := client.Say("pong")
			pong.CID, pong.Retry = fmt.Sprintf("pong-%d", ev.Seq), true
			if _, err := room.Send(ctx, pong); err != nil {
				return err
			}
		}
		if err := note(state, room.Cursor()); err != nil {
			return err
		}
	}
	return nil
}

// note keeps the cursor, whole or not at all: the bot may be killed meanwhile.
func note(state, cursor string) error {
	if err := os.WriteFile(state+".new", []byte(cursor), 0o600); err != nil {
		return err
	}
	return os.Rename(state+".new", state)
}

func setting(name, otherwise string) string { return cmp.Or(os.Getenv(name), otherwise) }
