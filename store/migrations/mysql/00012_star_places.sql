-- Where a room stands among a person's starred ones: the same as SQLite's of
-- this number.

-- +goose Up

ALTER TABLE room_settings ADD COLUMN place BIGINT NOT NULL DEFAULT 0;

UPDATE room_settings SET place = room * 16777216 WHERE starred = 1;
