package eventlog

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
)

// applicationID marks the file as ours: "Plog". It stands at byte 68, where
// file(1) and others look for it.
const applicationID = 0x506c6f67

// schema has, for each version of the format beginning with 1, the statements
// that bring the file up from the version before. Steps are only ever appended.
var schema = [][]string{
	{
		`CREATE TABLE log (
			id    INTEGER PRIMARY KEY CHECK (id = 1),
			epoch TEXT NOT NULL,
			first INTEGER NOT NULL
		) STRICT`,
		`CREATE TABLE records (
			pos     INTEGER PRIMARY KEY,
			at      INTEGER NOT NULL,
			key     BLOB,
			headers BLOB,
			value   BLOB,
			sum     INTEGER NOT NULL
		) STRICT`,
	},
	{
		`CREATE TABLE former_epochs (
			until INTEGER PRIMARY KEY,
			epoch TEXT NOT NULL
		) STRICT`,
	},
}

// fileState is what a file tells when it is opened.
type fileState struct {
	epoch  string
	former []formerEpoch
	first  int64 // first kept offset
	next   int64 // next offset
}

// prepareFile checks that the file is a log, sets the connection up for writing
// it, makes or upgrades its tables, and reads its state. A file that is not a
// log is left as it was.
func prepareFile(c connection) (fileState, error) {
	version, err := formatVersion(c)
	if err != nil {
		return fileState{}, err
	}
	if err := makeDurable(c); err != nil {
		return fileState{}, err
	}
	if err := upgrade(c, version); err != nil {
		return fileState{}, err
	}
	return readState(c)
}

// SQLiteVersion looks into a file without changing it: which version of the
// format it has, 0 when it is empty, and the latest that this program knows.
// The errors are those of [OpenSQLite].
func SQLiteVersion(path string) (version, known int, err error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return 0, 0, err
	}
	conn, err := connect(absolute, "mode=ro", "_query_only=1")
	if err == nil {
		version, err = formatVersion(conn)
		err = errors.Join(err, conn.Close())
	}
	if err != nil {
		return 0, 0, fmt.Errorf("eventlog: look into %s: %w", path, openError(err))
	}
	return version, len(schema), nil
}

// formatVersion returns the version of the format, 0 for an empty file.
func formatVersion(c connection) (int, error) {
	header, err := c.row(`SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_application_id, pragma_user_version`)
	if err != nil {
		return 0, err
	}
	id, version, objects := header[0].(int64), header[1].(int64), header[2].(int64)
	switch {
	case id == 0 && version == 0 && objects == 0:
		return 0, nil
	case id != applicationID:
		return 0, fmt.Errorf("%w: it is an SQLite database of another application (id %#x)", ErrForeign, id)
	case version > int64(len(schema)):
		return 0, fmt.Errorf("%w: it has format %d, this program knows formats up to %d", ErrNewer, version, len(schema))
	case version < 1:
		return 0, fmt.Errorf("%w: it says format %d", ErrCorrupt, version)
	}
	return int(version), nil
}

// makeDurable sets what the promise of the log rests on. Checkpoints are the
// writer's, see checkpoint.
func makeDurable(c connection) error {
	mode, err := c.row(`PRAGMA journal_mode = WAL`)
	if err != nil {
		return err
	}
	if mode[0] != "wal" {
		return fmt.Errorf("the file system does not allow journal mode WAL, it stays %v", mode[0])
	}
	return errors.Join(
		c.exec(`PRAGMA synchronous = FULL`),
		c.exec(`PRAGMA wal_autocheckpoint = 0`),
		// Room for a whole transaction, so that no page is written twice.
		c.exec(`PRAGMA cache_size = -8192`),
	)
}

// upgrade brings the file from version to the present one, in one transaction.
func upgrade(c connection, version int) error {
	if version == len(schema) {
		return nil
	}
	return c.transact(upgradeSteps(version))
}

func upgradeSteps(version int) []string {
	var steps []string
	for _, step := range schema[version:] {
		steps = append(steps, step...)
	}
	if version == 0 {
		steps = append(steps,
			fmt.Sprintf(`INSERT INTO log (id, epoch, first) VALUES (1, '%s', 0)`, rand.Text()),
			fmt.Sprintf(`PRAGMA application_id = %d`, applicationID))
	}
	return append(steps, fmt.Sprintf(`PRAGMA user_version = %d`, len(schema)))
}

// readState reads the state and checks that its ends fit together.
func readState(c connection) (fileState, error) {
	row, err := c.row(`SELECT
		(SELECT epoch FROM log),
		(SELECT first FROM log),
		(SELECT pos FROM records ORDER BY pos LIMIT 1),
		(SELECT pos FROM records ORDER BY pos DESC LIMIT 1)`)
	if err != nil {
		return fileState{}, err
	}
	epoch, hasEpoch := row[0].(string)
	first, hasFirst := row[1].(int64)
	if !hasEpoch || !hasFirst || epoch == "" || first < 0 {
		return fileState{}, fmt.Errorf("%w: it does not say its epoch and first offset", ErrCorrupt)
	}
	state := fileState{epoch: epoch, first: first, next: first}
	if oldest, ok := row[2].(int64); ok {
		if oldest != first {
			return fileState{}, fmt.Errorf("%w: it begins with record %d instead of %d", ErrCorrupt, oldest, first)
		}
		state.next = row[3].(int64) + 1
	}
	state.former, err = readFormerEpochs(c)
	return state, err
}
