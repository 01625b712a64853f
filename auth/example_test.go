package auth_test

import (
	"context"
	"fmt"
	"log"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/store"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "auth")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := store.Open(ctx, store.Config{Path: filepath.Join(dir, "parley.db")})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	service, err := auth.New(ctx, auth.Config{Store: db, Key: []byte(strings.Repeat("?", auth.MinKeyBytes))})
	if err != nil {
		log.Fatal(err)
	}

	in, err := service.Register(ctx, "ann@example.org", "correct horse battery", "", auth.Client{Addr: netip.MustParseAddr("192.0.2.7")})
	if err != nil {
		log.Fatal(err)
	}
	who, err := service.Verify(ctx, auth.TokenFromHeader("Bearer "+in.Token))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(who.User.Handle)

	if err := service.Logout(ctx, who.Session); err != nil {
		log.Fatal(err)
	}
	_, err = service.Verify(ctx, in.Token)
	fmt.Println(err)
	// Output:
	// ann
	// unauthorized: You are not signed in any more. Sign in again.
}
