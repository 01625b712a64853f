-- Where a room stands among a person's starred ones: those with less come
-- first, of equals the one with the smaller id. Rooms that have a star already
-- get places in the order of their ids, with room between them.

-- +goose Up

ALTER TABLE room_settings ADD COLUMN place INTEGER NOT NULL DEFAULT 0;

UPDATE room_settings SET place = room * 16777216 WHERE starred = 1;
