package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

const (
	readCommitted  = "READ COMMITTED"
	repeatableRead = "REPEATABLE READ"
)

// Time limits of a connection.
const (
	// mysqlConnectTime is how long connecting may take, greeting included.
	mysqlConnectTime = 10 * time.Second
	// mysqlPatience is how long a transaction may take that somebody waits for
	// who has set no limit, such as a socket. A server that hangs, whose machine
	// still takes what is sent, answers nothing for ever.
	mysqlPatience = 10 * time.Second
	// mysqlIdle is how long the server keeps a silent connection, with the
	// locks that its transaction holds: a node that vanished without a word
	// (power, network) stands in nobody's way for longer.
	mysqlIdle = 60 * time.Second
	// mysqlLockWait is how long a statement waits for another transaction.
	mysqlLockWait = 10 * time.Second
)

// mysqlMinPacket is how large a statement the server must take: see
// [mysqlDialect.eventsAtOnce].
const mysqlMinPacket = 4 << 20

// mysqlSessions makes connections that are all set alike, whatever the server's
// defaults are, to a server that keeps what it has confirmed.
type mysqlSessions struct {
	driver.Connector
	setup []string
}

func newMySQLSessions(address *mysql.Config, isolation string, heard *hearing) (driver.Connector, error) {
	cfg := address.Clone()
	cfg.Collation = "utf8mb4_bin"
	cfg.ClientFoundRows = true   // affected rows are those found, as in SQLite
	cfg.InterpolateParams = true // no server-side statements
	cfg.RejectReadOnly = true    // a server that became a replica is left
	cfg.Logger = &mysql.NopLogger{}
	cfg.DialFunc = heard.dial
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return mysqlSessions{connector, []string{
		"SET NAMES utf8mb4 COLLATE utf8mb4_bin",
		"SET SESSION TRANSACTION ISOLATION LEVEL " + isolation,
		// A value that does not fit is an error and is never cut.
		"SET SESSION sql_mode = 'STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', " +
			"autocommit = 1, foreign_key_checks = 1, unique_checks = 1, default_storage_engine = InnoDB, " +
			fmt.Sprintf("wait_timeout = %d, innodb_lock_wait_timeout = %d, lock_wait_timeout = %d",
				int(mysqlIdle.Seconds()), int(mysqlLockWait.Seconds()), int(mysqlIdle.Seconds())),
	}}, nil
}

// dialMySQL connects so that a server which is gone without a word is noticed:
// no reading has a time limit, because how long a commit takes says nothing.
func dialMySQL(ctx context.Context, network, addr string) (net.Conn, error) {
	dialer := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 4},
		Control:         limitUnanswered,
	}
	return dialer.DialContext(ctx, network, addr)
}

// Connect implements [driver.Connector].
func (s mysqlSessions) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, mysqlConnectTime)
	defer cancel()
	conn, err := s.Connector.Connect(ctx)
	if err != nil {
		return nil, refusedByMySQL(err)
	}
	if err := s.prepare(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func (s mysqlSessions) prepare(ctx context.Context, conn driver.Conn) error {
	for _, text := range s.setup {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, text, nil); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return checkMySQLSettings(ctx, conn.(driver.QueryerContext))
}

// refusedByMySQL marks what somebody has to put right in the address or in the
// server's accounts.
func refusedByMySQL(err error) error {
	switch mysqlNumber(err) {
	case 1044, 1045, 1049, 1130, 1698:
		return fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	return err
}

// checkMySQLSettings refuses a server that may lose what it has confirmed, or
// that cannot take what is sent. It is asked of every connection, because the
// server may be another one than before.
func checkMySQLSettings(ctx context.Context, conn driver.QueryerContext) error {
	values, err := queryMySQLSettings(ctx, conn, "@@global.innodb_flush_log_at_trx_commit", "@@global.log_bin", "@@global.sync_binlog",
		"@@global.binlog_format", "@@session.max_allowed_packet")
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	flush, logs, sync, format := values[0], values[1] == "1", values[2], values[3]
	var wrong []string
	if flush != "1" {
		wrong = append(wrong, fmt.Sprintf("innodb_flush_log_at_trx_commit is %s: set it to 1, or a power failure takes accounts and rooms that were confirmed", flush))
	}
	if logs && sync != "1" {
		wrong = append(wrong, fmt.Sprintf("log_bin is on and sync_binlog is %s: set it to 1, or after a power failure what the binary log does not have is rolled back", sync))
	}
	if logs && format == "STATEMENT" {
		wrong = append(wrong, "binlog_format is STATEMENT: set it to ROW or MIXED, because InnoDB refuses to write at READ COMMITTED otherwise")
	}
	var packet int64
	if _, err := fmt.Sscan(values[4], &packet); err != nil || packet < mysqlMinPacket {
		wrong = append(wrong, fmt.Sprintf("max_allowed_packet is %s: set it to %d (%d MiB) or more", values[4], mysqlMinPacket, mysqlMinPacket>>20))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %s", ErrUnfit, strings.Join(wrong, "; "))
	}
	return nil
}

func queryMySQLSettings(ctx context.Context, conn driver.QueryerContext, names ...string) ([]string, error) {
	rows, err := conn.QueryContext(ctx, "SELECT "+strings.Join(names, ", "), nil)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	row := make([]driver.Value, len(names))
	if err := rows.Next(row); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("no answer")
		}
		return nil, err
	}
	values := make([]string, len(names))
	for i, value := range row {
		if text, ok := value.([]byte); ok {
			value = string(text)
		}
		values[i] = fmt.Sprint(value)
	}
	return values, nil
}
