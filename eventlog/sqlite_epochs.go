package eventlog

import (
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// epochs tells of each offset in which incarnation of the log its record was
// written. A log that was restored from a copy is a new incarnation that goes
// on where the copy ended: offsets behind are given anew, while the records
// that came with the copy are still what they were.
type epochs struct {
	present string
	former  []formerEpoch // by rising until
}

// formerEpoch is that of the records below until which no earlier one has.
type formerEpoch struct {
	until int64
	epoch string
}

func (e *epochs) of(offset int64) string {
	for i := range e.former {
		if offset < e.former[i].until {
			return e.former[i].epoch
		}
	}
	return e.present
}

// readFormerEpochs reads the table former_epochs.
func readFormerEpochs(c connection) (former []formerEpoch, err error) {
	s, err := c.prepare(`SELECT until, epoch FROM former_epochs ORDER BY until`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rows, err := s.query(nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for values := make([]driver.Value, 2); ; {
		if err := rows.Next(values); err == io.EOF {
			return former, nil
		} else if err != nil {
			return nil, err
		}
		until, hasUntil := values[0].(int64)
		epoch, hasEpoch := values[1].(string)
		if !hasUntil || !hasEpoch || epoch == "" {
			return nil, fmt.Errorf("%w: a former epoch is not readable", ErrCorrupt)
		}
		former = append(former, formerEpoch{until, epoch})
	}
}

// Renewed says what [RenewSQLite] has done.
type Renewed struct {
	Former string // the epoch before
	Epoch  string // the new one
	Next   int64  // the first offset that the new epoch gives
}

// RenewSQLite makes the log in this file, which nobody has open, a new
// incarnation: the records stay where they are, each with the epoch in which it
// was written, and what is appended from now on has another one. It is for a
// log that was restored from a copy. Whoever holds a position behind the copy
// finds out that it means nothing here, although the offset will be given
// again.
func RenewSQLite(path string) (renewed Renewed, err error) {
	conn, err := connect(path)
	if err != nil {
		return Renewed{}, fmt.Errorf("eventlog: renew %s: %w", path, openError(err))
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	state, err := prepareFile(conn)
	if err == nil {
		renewed = Renewed{Former: state.epoch, Epoch: rand.Text(), Next: state.next}
		err = renew(conn, state, renewed.Epoch)
	}
	if err != nil {
		return Renewed{}, fmt.Errorf("eventlog: renew %s: %w", path, openError(err))
	}
	return renewed, nil
}

func renew(c connection, state fileState, epoch string) error {
	steps := []string{fmt.Sprintf(`UPDATE log SET epoch = '%s'`, epoch)}
	covered := int64(0)
	if n := len(state.former); n > 0 {
		covered = state.former[n-1].until
	}
	if state.next > covered { // the present epoch has given offsets
		steps = append(steps, insertFormerEpoch(formerEpoch{state.next, state.epoch}))
	}
	return c.transact(steps)
}

func insertFormerEpoch(f formerEpoch) string {
	return fmt.Sprintf(`INSERT INTO former_epochs (until, epoch) VALUES (%d, '%s')`, f.until, f.epoch)
}

// transact runs the statements, all or none.
func (c connection) transact(statements []string) error {
	if err := c.exec(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	for _, statement := range statements {
		if err := c.exec(statement); err != nil {
			return errors.Join(err, c.exec(`ROLLBACK`))
		}
	}
	return c.exec(`COMMIT`)
}
