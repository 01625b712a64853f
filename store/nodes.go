package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Node is one server of several that work on this database, as it has said
// itself.
type Node struct {
	Tag     string // of one run of the server; random, and public
	ID      string // how the operator calls it
	Address string // base URL at which the other servers reach it
	Version string
	// Beats rises while the server lives. Whoever sees it rise knows that, with
	// no clock that two machines would have to agree on.
	Beats int64
}

// BeatNode says that a server lives. Its Beats count here.
func (s *Store) BeatNode(ctx context.Context, n Node) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.exec(`INSERT INTO nodes (tag, id, address, version, beats) VALUES (?, ?, ?, ?, 1) `+
			s.dialect.onConflict("tag")+` beats = nodes.beats + 1`, n.Tag, n.ID, n.Address, n.Version)
		return err
	})
	if err != nil {
		return fmt.Errorf("beat of server %s: %w", n.ID, err)
	}
	return nil
}

// Nodes lists the servers that have not been removed, whether they live or not,
// in order of their tags.
func (s *Store) Nodes(ctx context.Context) (nodes []Node, err error) {
	err = s.read(ctx, func(t *tx) error {
		nodes = nil
		return t.each(func(rows *sql.Rows) (bool, error) {
			var n Node
			err := rows.Scan(&n.Tag, &n.ID, &n.Address, &n.Version, &n.Beats)
			nodes = append(nodes, n)
			return true, err
		}, `SELECT tag, id, address, version, beats FROM nodes ORDER BY tag`)
	})
	if err != nil {
		return nil, fmt.Errorf("list servers: %w", err)
	}
	return nodes, nil
}

// RemoveNode forgets a server, if it has not beaten since: beats is what was
// last seen of it. A server that lives is back with its next beat.
func (s *Store) RemoveNode(ctx context.Context, tag string, beats int64) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.exec(`DELETE FROM nodes WHERE tag = ? AND beats = ?`, tag, beats)
		return err
	})
	if err != nil {
		return fmt.Errorf("remove server: %w", err)
	}
	return nil
}
