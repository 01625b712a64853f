//go:build unix

package services

import (
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/parleychat/parley/store"
)

// Variables of the environment that say what is to be tested.
const (
	// requiredVariable makes a service that cannot be started a failure; it is
	// a visible skip otherwise.
	requiredVariable = "PARLEY_TEST_REQUIRED"
	// databaseVariable chooses the database of suites that run on either:
	// sqlite (the default) or mariadb.
	databaseVariable = "PARLEY_TEST_DB"
)

var shared struct {
	once    sync.Once
	mariadb *MariaDB
	err     error
}

// SharedMariaDB is the one server of this test process, started by whoever
// asks first. Without MariaDB the test is skipped, or fails when nothing may
// be skipped.
func SharedMariaDB(t testing.TB) *MariaDB {
	t.Helper()
	shared.once.Do(func() { shared.mariadb, shared.err = StartMariaDB() })
	need(t, shared.err)
	return shared.mariadb
}

// PrivateMariaDB is a server of this test alone, which may break it.
func PrivateMariaDB(t testing.TB) *MariaDB {
	t.Helper()
	m, err := StartMariaDB()
	need(t, err)
	t.Cleanup(func() {
		if err := m.Stop(); err != nil {
			t.Errorf("stop MariaDB: %v", err)
		}
	})
	return m
}

// NeedCluster skips the test, or lets it fail when nothing may be skipped, where
// not everything is there that a cluster is made of and looked at with.
func NeedCluster(t testing.TB) {
	t.Helper()
	_, kafka := kafkaLibs()
	_, mariadb := program("mariadbd")
	_, redis := program("redis-server")
	_, kcat := program("kcat")
	need(t, errors.Join(kafka, mariadb, redis, kcat))
}

func need(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv(requiredVariable) != "":
		t.Fatalf("required, but %v", err)
	default:
		t.Skipf("SKIPPED: %v", err)
	}
}

// OnMariaDB reports whether the suites that run on either database shall run
// on MariaDB.
func OnMariaDB() bool { return os.Getenv(databaseVariable) == "mariadb" }

// NewDatabase gives the address of a fresh, empty database that is removed with
// the test.
func (m *MariaDB) NewDatabase(t testing.TB) (url string) {
	t.Helper()
	name, err := m.create()
	if err != nil {
		t.Fatalf("new database: %v", err)
	}
	t.Cleanup(func() {
		if err := m.drop(name); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return m.URL(name)
}

// Store says where a store of this test is: in the file with this path, or in a
// database that belongs to the path when [OnMariaDB]. The same path is the same
// store.
func Store(t testing.TB, path string) store.Config {
	t.Helper()
	if !OnMariaDB() {
		return store.Config{Path: path}
	}
	if there := StoreThere(path); there.URL != "" {
		return there
	}
	url := SharedMariaDB(t).NewDatabase(t)
	if err := os.WriteFile(path+urlSuffix, []byte(url), 0o600); err != nil {
		t.Fatal(err)
	}
	return store.Config{URL: url}
}

// urlSuffix is added to a store's path for the file that has its address.
const urlSuffix = ".url"

// StoreThere is where the store of this path is that Store has chosen, also for
// another process.
func StoreThere(path string) store.Config {
	if url, err := os.ReadFile(path + urlSuffix); err == nil {
		return store.Config{URL: string(url)}
	}
	return store.Config{Path: path}
}
