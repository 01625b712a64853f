package eventlog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/parleychat/parley/eventlog"
)

func Example() {
	dir, err := os.MkdirTemp("", "eventlog")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	log, err := eventlog.OpenSQLite(filepath.Join(dir, "log.db"), eventlog.SQLiteOptions{})
	if err != nil {
		panic(err)
	}
	defer log.Close()

	ctx := context.Background()
	for _, text := range []string{"hello", "world"} {
		pos, err := eventlog.AppendWait(ctx, log, 0, eventlog.Record{
			Headers: []eventlog.Header{{Key: "kind", Value: []byte("greeting")}},
			Value:   []byte(text),
		})
		fmt.Println("durable at", pos.Offset, err)
	}

	enough := errors.New("enough")
	err = log.Follow(ctx, 0, 0, func(entries []eventlog.Entry) error {
		for _, e := range entries {
			fmt.Printf("%d: %s\n", e.Offset, e.Value)
			if e.Offset == 1 {
				return enough
			}
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// durable at 0 <nil>
	// durable at 1 <nil>
	// 0: hello
	// 1: world
	// enough
}
