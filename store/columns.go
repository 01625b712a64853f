package store

import (
	"bytes"
	"fmt"

	"github.com/parleychat/parley/chat"
)

// What the columns of events are read into. database/sql would get there too, but
// by way of a text and of reflection for every number that has a type of its
// own. NULL is read as nothing: zero, false, empty; a chain is never NULL.
type (
	countColumn  uint64
	numberColumn int64
	flagColumn   bool
	textColumn   string
	blobColumn   []byte
	chainColumn  chat.Chain // stored as its bytes
)

// Scan implements [sql.Scanner].
func (c *countColumn) Scan(stored any) error {
	n, err := storedNumber(stored)
	if err == nil && n < 0 {
		err = fmt.Errorf("%d counts nothing", n)
	}
	*c = countColumn(n)
	return err
}

// Scan implements [sql.Scanner].
func (c *numberColumn) Scan(stored any) error {
	n, err := storedNumber(stored)
	*c = numberColumn(n)
	return err
}

// Scan implements [sql.Scanner].
func (c *flagColumn) Scan(stored any) error {
	n, err := storedNumber(stored)
	*c = n != 0
	return err
}

func storedNumber(stored any) (int64, error) {
	switch n := stored.(type) {
	case int64:
		return n, nil
	case nil:
		return 0, nil
	}
	return 0, fmt.Errorf("a number is not %T", stored)
}

// Scan implements [sql.Scanner].
func (c *textColumn) Scan(stored any) error {
	switch text := stored.(type) {
	case string:
		*c = textColumn(text)
	case []byte:
		*c = textColumn(text)
	case nil:
		*c = ""
	default:
		return fmt.Errorf("a text is not %T", stored)
	}
	return nil
}

// Scan implements [sql.Scanner].
func (c *blobColumn) Scan(stored any) error {
	blob, ok := stored.([]byte)
	if !ok && stored != nil {
		return fmt.Errorf("a blob is not %T", stored)
	}
	*c = bytes.Clone(blob) // it is the driver's
	return nil
}

// Scan implements [sql.Scanner].
func (c *chainColumn) Scan(stored any) error {
	blob, ok := stored.([]byte)
	if !ok || len(blob) != len(c) {
		return fmt.Errorf("a chain is %d bytes, not %T of %d", len(c), stored, len(blob))
	}
	copy(c[:], blob)
	return nil
}
