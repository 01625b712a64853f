//go:build unix

package services

import (
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

// Store says where a new store of this test is: in the file with this path, or
// in a fresh database when [OnMariaDB].
func Store(t testing.TB, path string) store.Config {
	t.Helper()
	if OnMariaDB() {
		return store.Config{URL: SharedMariaDB(t).NewDatabase(t)}
	}
	return store.Config{Path: path}
}
