//go:build unix

package verify_test

import (
	"path"
	"strings"
	"testing"

	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/store"
)

// The other database is compared by the same text.
func TestAgreesOnMariaDB(t *testing.T) {
	server := services.SharedMariaDB(t)
	url := server.NewDatabase(t)
	w := openWorldOn(t, t.TempDir(), store.Config{URL: url, Logger: quiet})
	w.enliven(7, 200)
	differences, report := w.verify()
	wantNone(t, differences)
	if report.Events == 0 || report.Texts == 0 {
		t.Errorf("got %+v, want everything compared", report)
	}
	if err := server.Admin("UPDATE " + path.Base(url) + ".events SET n = n + 1 WHERE room = 1 AND seq = 9"); err != nil {
		t.Fatal(err)
	}
	differences, _ = w.verify()
	if len(differences) == 0 || !strings.HasPrefix(differences[0].String(), "events.n of room 1, event 9") {
		t.Errorf("got %v, want the row that was changed", differences)
	}
}
