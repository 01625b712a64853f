-- How people want to be shown, and when they were last online.

-- +goose Up

ALTER TABLE users ADD COLUMN status TEXT NOT NULL DEFAULT '';         -- online, away, dnd; empty: never chosen
ALTER TABLE users ADD COLUMN status_rev INTEGER NOT NULL DEFAULT 0;   -- counts the choices
ALTER TABLE users ADD COLUMN hides_seen INTEGER NOT NULL DEFAULT 0;   -- then seen_at is NULL
ALTER TABLE users ADD COLUMN seen_at INTEGER;                         -- last online, to the minute
