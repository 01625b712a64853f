//go:build unix

package services

import (
	"os"
	"testing"
)

func TestRedis(t *testing.T) {
	r := PrivateRedis(t)
	do := func(want string, command ...string) {
		t.Helper()
		got, err := r.Do(command...)
		if err != nil || got != want {
			t.Errorf("%v: got %q, %v, want %q", command, got, err, want)
		}
	}
	do("OK", "SET", "key", "value")
	do("value", "GET", "key")
	if answer, err := r.Do("INCR", "key"); err == nil {
		t.Errorf("an error of the server was given as the answer %q", answer)
	}
	if err := r.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Do("PING"); err == nil {
		t.Error("a killed server answers")
	}
	addr := r.Addr()
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	if r.Addr() != addr {
		t.Errorf("started again at %s, it was at %s", r.Addr(), addr)
	}
	do("", "GET", "key")
}

// What a server had is gone when it is stopped.
func TestRedisStops(t *testing.T) {
	r, err := StartRedis()
	need(t, err)
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(r.dir); !os.IsNotExist(err) {
		t.Errorf("its directory is still there: %v", err)
	}
}
