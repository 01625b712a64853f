package client_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/parleychat/parley/client"
	"github.com/parleychat/parley/protocol"
)

// A bot that answers ping with pong, once, over any number of cuts.
func Example() {
	url, stop := parley() // http://127.0.0.1:3000, say
	defer stop()
	ctx := context.Background()

	bot, err := client.Dial(ctx, client.Config{URL: url, Token: client.Password(url, "bot@example.org", "beep boop beep")})
	check(err)
	defer bot.Close()
	room, err := bot.JoinName(ctx, "general", client.Since("")) // or since the cursor that was kept
	check(err)
	for ev, err := range room.Events(ctx) {
		check(err)
		if ev.Kind == "message" && ev.MessageText == "ping" {
			sent, err := room.Send(ctx, client.Say("pong"))
			check(err)
			fmt.Printf("%s said ping at %d, pong is at %d\n", ev.UserName, ev.Seq, sent.Seq)
			return
		}
	}
	// Output: ann said ping at 2, pong is at 4
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// parley runs a server where ann has said ping in the room general and the bot
// has an account.
func parley() (url string, stop func()) {
	dir, err := os.MkdirTemp("", "parley-example-")
	check(err)
	url, stopServer, err := run(dir)
	check(err)
	ctx := context.Background()
	check(client.Register(ctx, url, "bot@example.org", "beep boop beep"))
	check(client.Register(ctx, url, "ann@example.org", "correct horse battery"))
	ann, err := client.Dial(ctx, client.Config{URL: url, Token: client.Password(url, "ann@example.org", "correct horse battery")})
	check(err)
	defer ann.Close()
	general, err := ann.CreateRoom(ctx, protocol.CreateRoom{Name: "general"})
	check(err)
	room, err := ann.Join(ctx, general.ID, client.FromNow())
	check(err)
	_, err = room.Send(ctx, client.Say("ping"))
	check(err)
	return url, func() {
		check(stopServer())
		check(os.RemoveAll(dir))
	}
}
