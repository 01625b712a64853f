//go:build unix

package services

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
)

// The account that stores are opened with. It may do what docs/database.md
// tells operators to grant, and no more. Its password is one that an address
// has to escape.
const (
	accountName   = "parley"
	Password      = "p@ss/w:rd?#%"
	accountRights = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES"
)

// startTime is how long a server may take to answer on a busy machine.
const startTime = 2 * time.Minute

// MariaDB is a server on this machine. Its methods may be called from any
// goroutine.
type MariaDB struct {
	dir      string // of everything it has
	addr     string // empty: to be chosen
	options  []string
	guardian *guardian
	made     atomic.Int64 // databases

	mu      sync.Mutex
	process *exec.Cmd // nil: not running
}

// StartMariaDB makes a server with an account for stores and waits until it
// answers. Options are those of mariadbd, such as --max-connections=20. Its
// commits outlive the server's process, as promised, but not the machine.
func StartMariaDB(options ...string) (_ *MariaDB, err error) {
	if _, err := program("mariadbd"); err != nil {
		return nil, errors.New("there is no MariaDB here (install mariadb-server)")
	}
	dir, err := os.MkdirTemp("", "parley-mariadb-")
	if err != nil {
		return nil, err
	}
	m := &MariaDB{dir: dir, options: options}
	if m.guardian, err = watch(dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.Stop())
		}
	}()
	if err := m.install(); err != nil {
		return nil, err
	}
	if err := m.Start(); err != nil {
		return nil, err
	}
	return m, m.Admin(
		fmt.Sprintf("CREATE USER '%s'@'%%' IDENTIFIED BY '%s'", accountName, Password),
		fmt.Sprintf("GRANT %s ON `parley\\_%%`.* TO '%s'@'%%'", accountRights, accountName),
	)
}

// program finds a program that root has in its path and others may not.
func program(name string) (string, error) {
	for _, dir := range []string{"", "/usr/sbin/", "/usr/local/sbin/"} {
		if path, err := exec.LookPath(dir + name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, exec.ErrNotFound)
}

// install makes the data directory. Run as root, the server refuses to be
// root, so everything is given to the user that Debian's package makes.
func (m *MariaDB) install() error {
	arguments := []string{
		"--no-defaults", "--datadir=" + m.data(), "--auth-root-authentication-method=normal", "--skip-test-db",
		"--innodb-log-file-size=16M", "--innodb-flush-method=nosync",
	}
	if os.Getuid() == 0 {
		account, err := user.Lookup("mysql")
		if err != nil {
			return fmt.Errorf("MariaDB does not run as root: %w", err)
		}
		uid, _ := strconv.Atoi(account.Uid)
		if err := os.Chown(m.dir, uid, -1); err != nil {
			return err
		}
		arguments = append(arguments, "--user=mysql")
	}
	path, err := program("mariadb-install-db")
	if err != nil {
		return err
	}
	install := exec.Command(path, arguments...)
	install.Env = m.environment()
	if output, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%s", err, output)
	}
	return nil
}

// environment lets the server write its temporary files to its own directory:
// the caller's need not be open to another user.
func (m *MariaDB) environment() []string { return append(os.Environ(), "TMPDIR="+m.dir) }

func (m *MariaDB) data() string    { return filepath.Join(m.dir, "data") }
func (m *MariaDB) socket() string  { return filepath.Join(m.dir, "socket") }
func (m *MariaDB) logFile() string { return filepath.Join(m.dir, "log") }

// Addr is where the server listens: host:port. It stays the same.
func (m *MariaDB) Addr() string { return m.addr }

// Start starts the server, after Kill with the data that it had, and waits
// until it answers.
func (m *MariaDB) Start() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for attempt := 0; ; attempt++ {
		if m.addr == "" {
			addr, err := FreeAddr()
			if err != nil {
				return err
			}
			m.addr = addr
		}
		err := m.start()
		if err == nil || attempt == 3 || m.made.Load() > 0 {
			return err
		}
		m.addr = "" // somebody else may have got it first
	}
}

// FreeAddr is an address of this machine, host:port, that nobody listens on.
// Its port lies below those that the system gives to clients, so that nobody
// gets it by the way while a killed server has left it; and each process begins
// elsewhere and gives out one port after the other, so that several that run at
// once do not find the same one free before the servers listen.
func FreeAddr() (string, error) {
	const first, count, apart = 10_000, 20_000, 211
	for range 100 {
		port := first + (uint64(os.Getpid())*apart+portsGiven.Add(1))%count
		addr := net.JoinHostPort("127.0.0.1", strconv.FormatUint(port, 10))
		if l, err := net.Listen("tcp", addr); err == nil {
			return addr, l.Close()
		}
	}
	return "", errors.New("no free port between 10000 and 30000")
}

// portsGiven is how many ports this process has looked at.
var portsGiven atomic.Uint64

func (m *MariaDB) start() error {
	path, err := program("mariadbd")
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(m.addr)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(m.logFile(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	process := exec.Command(path, append([]string{
		"--no-defaults", "--datadir=" + m.data(), "--socket=" + m.socket(), "--pid-file=" + filepath.Join(m.dir, "pid"),
		"--bind-address=" + host, "--port=" + port, "--skip-name-resolve", "--skip-log-bin",
		"--max-connections=400", "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=16M",
		"--innodb-flush-method=nosync", "--innodb-file-per-table=0",
	}, m.options...)...)
	if os.Getuid() == 0 {
		process.Args = append(process.Args, "--user=mysql")
	}
	process.Env = m.environment()
	process.Stdout, process.Stderr = log, log
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the tests
	if err := process.Start(); err != nil {
		return err
	}
	m.process = process
	m.guardian.guard(process.Process.Pid)
	for deadline := time.Now().Add(startTime); ; time.Sleep(20 * time.Millisecond) {
		if err = m.Admin("DO 1"); err == nil {
			return nil
		}
		if m.hasEnded() || time.Now().After(deadline) {
			text, _ := os.ReadFile(m.logFile())
			return fmt.Errorf("MariaDB does not start: %w\n%s", err, text[max(0, len(text)-4000):])
		}
	}
}

// hasEnded reports whether the process has ended by itself.
func (m *MariaDB) hasEnded() bool {
	pid, err := syscall.Wait4(m.process.Process.Pid, nil, syscall.WNOHANG, nil)
	ended := err == nil && pid == m.process.Process.Pid
	if ended {
		m.process = nil
		m.guardian.forget()
	}
	return ended
}

// Kill ends the server as kill -9 does.
func (m *MariaDB) Kill() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.process == nil {
		return nil
	}
	if err := m.process.Process.Kill(); err != nil {
		return err
	}
	_ = m.process.Wait() // says that it was killed
	m.process = nil
	m.guardian.forget()
	return nil
}

// Pause stops the server where it is, until Resume.
func (m *MariaDB) Pause() error { return m.signal(syscall.SIGSTOP) }

// Resume lets a paused server go on.
func (m *MariaDB) Resume() error { return m.signal(syscall.SIGCONT) }

func (m *MariaDB) signal(s syscall.Signal) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.process == nil {
		return os.ErrProcessDone
	}
	return m.process.Process.Signal(s)
}

// Stop ends the server and removes everything that it had.
func (m *MariaDB) Stop() error {
	return errors.Join(m.Kill(), m.guardian.dismiss(), os.RemoveAll(m.dir))
}

// Admin runs statements as root.
func (m *MariaDB) Admin(statements ...string) error {
	return m.AsRoot(func(ctx context.Context, db *sql.DB) error {
		for _, text := range statements {
			if _, err := db.ExecContext(ctx, text); err != nil {
				return fmt.Errorf("%s: %w", text, err)
			}
		}
		return nil
	})
}

// AsRoot lends a connection of root that leaves nothing behind.
func (m *MariaDB) AsRoot(fn func(context.Context, *sql.DB) error) error {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr, cfg.Timeout = "root", "unix", m.socket(), time.Second
	cfg.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	return errors.Join(fn(context.Background(), db), db.Close())
}

// Create makes a fresh, empty database for stores, for whoever is no test. Its
// address is that of [MariaDB.URL].
func (m *MariaDB) Create() (name string, err error) { return m.create() }

func (m *MariaDB) create() (name string, err error) {
	name = fmt.Sprintf("parley_%d", m.made.Add(1))
	return name, m.Admin("CREATE DATABASE " + name)
}

func (m *MariaDB) drop(name string) error { return m.Admin("DROP DATABASE IF EXISTS " + name) }

// URL is the address of a database as operators write it.
func (m *MariaDB) URL(name string) string { return m.URLVia(m.Addr(), name) }

// URLVia is URL for whoever reaches the server at another address, such as a
// proxy's.
func (m *MariaDB) URLVia(addr, name string) string {
	address := url.URL{Scheme: "mysql", User: url.UserPassword(accountName, Password), Host: addr, Path: "/" + name}
	return address.String()
}
