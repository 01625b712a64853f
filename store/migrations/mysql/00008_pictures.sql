-- Pictures of people, as the server has made them: the same as SQLite's of this
-- number.

-- +goose Up

ALTER TABLE users ADD COLUMN picture VARBINARY(64) NOT NULL DEFAULT '';

CREATE TABLE pictures (
	user BIGINT NOT NULL PRIMARY KEY,
	id   VARBINARY(64) NOT NULL,
	type VARBINARY(32) NOT NULL,
	body MEDIUMBLOB NOT NULL,
	KEY pictures_ids (id),
	CONSTRAINT pictures_user FOREIGN KEY (user) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
