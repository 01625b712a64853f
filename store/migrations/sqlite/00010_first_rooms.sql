-- Owners for whom the first room of the server is being made.

-- +goose Up

CREATE TABLE first_rooms (
	owner INTEGER NOT NULL PRIMARY KEY REFERENCES users (id)
) STRICT;
