package store_test

import (
	"context"
	"database/sql"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/internal/services"
	"github.com/parleychat/parley/store"
)

// TestNoScansSQLite: whatever is run for every message, page, resume, opening or
// list finds its rows by an index and in their order, however large the tables
// are.
func TestNoScansSQLite(t *testing.T) {
	s := openSQLite(t)
	allowed := map[string]bool{
		"SCAN watermarks": true, // a row for each partition
		"SCAN mine":       true, // the rows that the subquery found
		"SCAN 32-ROW":     true, // the rows that are inserted
	}
	scan := regexp.MustCompile(`SCAN \S+|USE TEMP B-TREE.*`)
	for _, statement := range s.HotStatements() {
		plan, err := s.Plan(context.Background(), statement)
		if err != nil {
			t.Errorf("%s: %v", statement, err)
		}
		for _, step := range scan.FindAllString(plan, -1) {
			if !allowed[step] {
				t.Errorf("%s\nis run as\n%s", strings.Join(strings.Fields(statement), " "), plan)
			}
		}
	}
}

// TestNoScansMariaDB: the same of a server whose optimiser chooses by what is in
// the tables. They are filled, everything that reads or records is called, and
// the server explains each statement that it has received.
func TestNoScansMariaDB(t *testing.T) {
	server := services.PrivateMariaDB(t)
	address := server.NewDatabase(t)
	s := openStore(t, store.Config{URL: address})
	r := newRecorder(t, s)
	ann := newUser(t, s, "ann@example.org")
	big := fillTables(t, s, r, server, ann, databaseOf(address))

	statements := overheard(t, server, func() { callEverything(t, s, r, big, ann) })
	if len(statements) < 40 {
		t.Fatalf("heard %d statements, want all: %q", len(statements), statements)
	}
	check(t, server.AsRoot(func(ctx context.Context, db *sql.DB) error {
		for _, statement := range statements {
			for _, step := range explain(ctx, t, db, databaseOf(address), statement) {
				if step.isScan() || step.sorts() {
					t.Errorf("%s\nis run as\n%+v", statement, step)
				}
			}
		}
		return nil
	}))
}

func databaseOf(address string) string { return address[strings.LastIndexByte(address, '/')+1:] }

// fillTables makes enough rows that an index is worth more than a scan, and
// returns a room with 10,000 events among many small ones.
func fillTables(t *testing.T, s *store.Store, r *recorder, server *services.MariaDB, ann chat.UserID, database string) chat.RoomID {
	t.Helper()
	last := strings.NewReplacer("$users", "3000", "$rooms", "1500") // ids
	for _, statement := range []string{
		`INSERT INTO users (id, email, email_key, name, handle, password_hash, created_at)
			SELECT seq, CONCAT(seq, '@example.org'), CONCAT(seq, '@example.org'), seq, CONCAT('u', seq), 'hash', 1 FROM seq_100_to_$users`,
		`INSERT INTO people_keys (find_key, user) SELECT CONCAT('u', seq), seq FROM seq_100_to_$users`,
		`INSERT INTO people_keys (find_key, user) SELECT CONCAT('ann', seq), seq FROM seq_100_to_$users`,
		`INSERT INTO sessions (sid, user, user_agent, created_at, used_at, expires_at) SELECT CONCAT('s', seq), seq, 'test', 1, 1, 1000 + seq FROM seq_100_to_$users`,
		`INSERT INTO refresh_tokens (hash, sid) SELECT CONCAT('h', seq), CONCAT('s', seq) FROM seq_100_to_$users`,
		`INSERT INTO revocations (id, sid, user, at) SELECT seq, CONCAT('s', seq), seq, 1000 + seq FROM seq_100_to_$users`,
		`UPDATE counters SET value = $users`,
		`INSERT INTO rooms (id, kind, state, name, topic, partition_no, created_by, create_cid, head_seq, head_n, head_chain, members, archived, created_at, updated_at)
			SELECT seq, IF(seq % 3, 'public', 'private'), 'live', seq, '', 0, 100 + seq, 'c', 10, 10, REPEAT('x', 16), 10, 0, 1, 1 FROM seq_100_to_$rooms`,
		`INSERT INTO room_names (name_key, room, user, cid) SELECT seq, seq, 100 + seq, 'c' FROM seq_100_to_$rooms`,
		`INSERT INTO members (room, user, role, from_seq, left_seq)
			SELECT r.seq, 100 + (r.seq * 7 + u.seq * 131) % 2800, 'member', 1, IF(u.seq = 9, 5, NULL) FROM seq_100_to_$rooms AS r, seq_1_to_10 AS u`,
		`INSERT INTO bans (room, user, seq) SELECT r.seq, 100 + u.seq, 1 FROM seq_100_to_$rooms AS r, seq_1_to_3 AS u`,
		`INSERT INTO read_marks (user, room, seq, n, version) SELECT user, room, 1, 1, 1 FROM members`,
		`INSERT INTO room_settings (user, room, starred, version) SELECT user, room, 1, 1 FROM members`,
		`INSERT INTO message_drafts (user, room, body, version, at) SELECT user, room, 'half a', 1, 1 FROM members WHERE left_seq IS NULL`,
		`INSERT INTO mentions (user, room, seq) SELECT user, room, 3 FROM members`,
		`INSERT INTO events (room, seq, kind, n, user, cid, cid_ms, mac, id, chain, outcome, after_seq, rev, deleted, at, body)
			SELECT r.seq, e.seq, 'message', e.seq, 100 + r.seq, CONCAT('c', e.seq), 1700000000000 + e.seq, 'm', 'i', REPEAT('x', 16), '', 0, e.seq, 0, 1, '{}'
			FROM seq_100_to_$rooms AS r, seq_1_to_10 AS e`,
		`INSERT INTO edits (room, seq, rev, body) SELECT seq, 1, 2, '{}' FROM seq_100_to_$rooms`,
	} {
		check(t, s.ExecDurable(context.Background(), last.Replace(statement)))
	}
	room := r.createRoom("big", ann)
	for i := range 10_000 {
		if i%1000 == 999 {
			r.commit()
		}
		r.must(benchMessage(room, ann))
	}
	for user := range chat.UserID(40) {
		r.must(chat.Record{Kind: chat.KindJoin, Room: room, User: 200 + user})
	}
	r.commit()
	check(t, server.Admin(`ANALYZE TABLE `+database+`.`+strings.Join([]string{"users", "people_keys", "sessions", "refresh_tokens", "revocations", "rooms", "room_names",
		"members", "bans", "read_marks", "room_settings", "message_drafts", "mentions", "events", "edits"}, `, `+database+`.`)))
	return room
}

// callEverything calls what runs for each message, page, resume, opening, list
// and sign-in.
func callEverything(t *testing.T, s *store.Store, r *recorder, big chat.RoomID, ann chat.UserID) {
	t.Helper()
	ctx := context.Background()
	for _, q := range []store.PageQuery{{Limit: 50}, {Limit: 50, Before: 2000}, {Limit: 50, After: 1000}, {Limit: 50, Around: 1500}} {
		page, err := s.Page(ctx, big, q)
		check(t, err)
		if len(page.Events) < 49 {
			t.Errorf("page %+v: got %d events", q, len(page.Events))
		}
	}
	_, _, err := s.Range(ctx, big, 9000, 0, chat.MaxResumeEvents, chat.MaxResumeBytes)
	check(t, err)
	_, err = s.LoadOpening(ctx, epoch, 0, big, time.Now().Add(time.Hour).UnixMilli())
	check(t, err)
	_, _, err = s.FindAnswer(ctx, big, ann, "never-sent")
	check(t, err)
	_, err = s.ListRooms(ctx, 250, 700, 50)
	check(t, err)
	_, err = s.OwnRooms(ctx, 250, 700, 50)
	check(t, err)
	_, _, _, err = s.Reading(ctx, 250, 250, 3)
	check(t, err)
	_, _, _, err = s.Reading(ctx, ann, big, 5000)
	check(t, err)
	check(t, s.MoveMarks(ctx, []store.OwnMark{{User: ann, Room: big, ReadMark: chat.ReadMark{Seq: 5000, N: 4000, Version: 1}}}))
	_, err = s.SetMark(ctx, ann, big, 5000)
	check(t, err)
	_, _, _, err = s.SetDraft(ctx, ann, big, chat.DraftChange{Text: "half a sentence", At: 1})
	check(t, err)
	_, err = s.Draft(ctx, ann, big)
	check(t, err)
	_, err = s.EveryRoom(ctx, 700, 50)
	check(t, err)
	away := chat.StatusAway
	_, err = s.SetStatus(ctx, 300, store.StatusChange{Status: &away})
	check(t, err)
	check(t, s.Seen(ctx, map[chat.UserID]int64{300: 1000, 301: 2000}))
	_, err = s.NewRooms(ctx)
	check(t, err)
	_, err = s.RoomByName(ctx, "big")
	check(t, err)
	for _, after := range []store.PeoplePlace{{}, {Key: "u200", User: 200}} {
		found, err := s.FindPeople(ctx, store.PeopleQuery{Key: "u2", But: ann, After: after, Limit: 50})
		check(t, err)
		if len(found) != 50 {
			t.Errorf("found %d people behind %+v, want 50", len(found), after)
		}
	}
	_, _, err = s.Membership(ctx, big, ann)
	check(t, err)
	_, err = s.RevocationsSince(ctx, 2990)
	check(t, err)
	_, err = s.LastRevocation(ctx)
	check(t, err)
	_, err = s.SessionByID(ctx, "s700")
	check(t, err)
	_, err = s.UserByEmail(ctx, "ann@example.org")
	check(t, err)
	_, err = s.People(ctx, []chat.UserID{ann, 300, 500})
	check(t, err)

	signIn(t, s, ann, "fresh")
	_, err = rotate(s, "fresh-1", "fresh-2", 2000)
	check(t, err)
	check(t, s.RevokeSession(ctx, "fresh", 3000))
	check(t, s.PruneSessions(ctx, 1150))
	check(t, s.RenewPasswordHash(ctx, ann, "hash", "other"))
	_, err = s.Key(ctx, "mac", func() []byte { return macKey })
	check(t, err)
	newUser(t, s, "ann@example.com")

	// A batch with every kind of event that writes more than itself.
	other := r.createRoom("other", ann)
	said := r.must(message(big, ann, "hello"))
	r.must(chat.Record{Kind: chat.KindMessage, Room: big, User: ann, Text: "you", Mentions: []chat.UserID{200, 201}})
	r.must(chat.Record{Kind: chat.KindEdit, Room: big, User: ann, TargetSeq: said.Seq, TargetUser: ann, Text: "hello!", Mentions: []chat.UserID{202}})
	r.must(chat.Record{Kind: chat.KindDelete, Room: big, User: ann, TargetSeq: said.Seq, TargetUser: ann})
	r.must(chat.Record{Kind: chat.KindRole, Room: big, User: ann, TargetUser: 201, Role: chat.RoleAdmin})
	r.must(chat.Record{Kind: chat.KindKick, Room: big, User: ann, TargetUser: 202})
	r.must(chat.Record{Kind: chat.KindBan, Room: big, User: ann, TargetUser: 203})
	r.must(chat.Record{Kind: chat.KindUnban, Room: big, User: ann, TargetUser: 203})
	r.must(chat.Record{Kind: chat.KindLeave, Room: big, User: 204})
	claimName(t, s, "new name", other, ann, "rename")
	r.must(chat.Record{Kind: chat.KindRename, Room: other, User: ann, CID: "rename", Name: "new name"})
	r.must(chat.Record{Kind: chat.KindTopic, Room: other, User: ann, Topic: "topic"})
	r.must(chat.Record{Kind: chat.KindVisibility, Room: other, User: ann, RoomKind: chat.PrivateRoom})
	r.must(chat.Record{Kind: chat.KindArchive, Room: other, User: ann})
	r.commit()
}

// overheard are the statements that the server receives while fn runs, with
// their values, each form once.
func overheard(t *testing.T, server *services.MariaDB, fn func()) (statements []string) {
	t.Helper()
	check(t, server.Admin(`SET GLOBAL log_output = 'TABLE'`, `SET GLOBAL general_log = ON`))
	fn()
	check(t, server.Admin(`SET GLOBAL general_log = OFF`))
	value := regexp.MustCompile(`'(?:[^'\\]|\\.)*'|\b[0-9]+\b`)
	seen := make(map[string]bool)
	check(t, server.AsRoot(func(ctx context.Context, db *sql.DB) error {
		rows, err := db.QueryContext(ctx, `SELECT argument FROM mysql.general_log
			WHERE command_type = 'Query' AND user_host LIKE 'parley%' ORDER BY event_time`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			form := value.ReplaceAllString(text, "?")
			if !seen[form] {
				seen[form] = true
				statements = append(statements, text)
			}
		}
		return rows.Err()
	}))
	return statements
}

// planStep is one table of a statement's plan.
type planStep struct {
	table, access, key, extra string
	rows                      int64
}

// isScan: every row of a table, of an index, or of a room is looked at. The
// server's estimates are twice what there is at times; no statement needs more
// than the last 1,024 events, and a room has ten times as many.
func (p planStep) isScan() bool {
	small := []string{"watermarks", "counters"} // a row for each partition, and for each counter
	all := p.access == "ALL" || p.access == "index"
	limited := slices.Contains(small, p.table) || strings.HasPrefix(p.table, "<derived") // what the limited subquery found
	return all && !limited || p.rows > 5000
}

func (p planStep) sorts() bool {
	return strings.Contains(p.extra, "filesort") || strings.Contains(p.extra, "temporary")
}

func explain(ctx context.Context, t *testing.T, db *sql.DB, database, statement string) (steps []planStep) {
	t.Helper()
	verb, _, _ := strings.Cut(statement, " ")
	hasPlan := verb == "SELECT" || verb == "UPDATE" || verb == "DELETE" || verb == "INSERT" && strings.Contains(statement, "SELECT")
	if !hasPlan || strings.HasPrefix(statement, "SELECT @@") {
		return nil
	}
	if _, err := db.ExecContext(ctx, "USE "+database); err != nil {
		t.Fatal(err)
	}
	rows, err := db.QueryContext(ctx, "EXPLAIN "+statement)
	if err != nil {
		t.Fatalf("explain %s: %v", statement, err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, access, key, extra sql.NullString
		var estimate sql.NullInt64
		var unused any
		// id, select_type, table, type, possible_keys, key, key_len, ref, rows, Extra
		check(t, rows.Scan(&unused, &unused, &table, &access, &unused, &key, &unused, &unused, &estimate, &extra))
		if verb == "INSERT" && len(steps) == 0 && !estimate.Valid {
			continue // the table that is written to
		}
		steps = append(steps, planStep{table.String, access.String, key.String, extra.String, estimate.Int64})
	}
	check(t, rows.Err())
	return steps
}
