package loadgen

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

const (
	// connectTimeout bounds one connect, from TCP to the joined room.
	connectTimeout = 60 * time.Second
	// perSource is how many connections leave from one loopback address; a
	// few more than twice as many would use up its ports.
	perSource = 9000
	// upgradeKey is the nonce of every upgrade (RFC 6455, section 4.1); nothing
	// here depends on it being fresh.
	upgradeKey = "cGFybGV5LWJlbmNoLTAwMQ=="
)

var upgradeAccept = func() string {
	sum := sha1.Sum([]byte(upgradeKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}()

// connect opens one socket and returns when it is live; of the workload Join when
// it could join.
func (r *run) connect(ctx context.Context, s *socket) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	conn, err := r.dial(ctx, s.number)
	if err != nil {
		return fmt.Errorf("loadgen: socket %d: %w", s.number, err)
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	err = r.handshake(conn, s)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close()
		return fmt.Errorf("loadgen: socket %d: %w", s.number, err)
	}
	return r.readers.add(conn, s)
}

func (r *run) dial(ctx context.Context, number int) (net.Conn, error) {
	d := net.Dialer{LocalAddr: sourceAddr(r.url.Hostname(), number), KeepAlive: -1}
	conn, err := d.DialContext(ctx, "tcp", hostPort(r.url))
	if err != nil {
		return nil, err
	}
	// The end of a run is a cut, so that its ports are free for the next.
	if err := conn.(*net.TCPConn).SetLinger(0); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if r.url.Scheme != "https" {
		return conn, nil
	}
	conf := r.cfg.TLS.Clone()
	if conf == nil {
		conf = new(tls.Config)
	}
	if conf.ServerName == "" {
		conf.ServerName = r.url.Hostname()
	}
	return tls.Client(conn, conf), nil
}

// sourceAddr spreads many connections to this machine over 127.0.0.2, .3, …;
// the first ones leave from wherever the system likes.
func sourceAddr(host string, number int) net.Addr {
	if ip := net.ParseIP(host); ip == nil || ip.To4() == nil || !ip.IsLoopback() || number < perSource {
		return nil
	}
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(1+number/perSource))}
}

func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// handshake upgrades, connects the namespace and, as a rule, joins the room.
func (r *run) handshake(conn net.Conn, s *socket) error {
	s.wire = conn
	_, err := fmt.Fprintf(conn, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: %s\r\n"+
		"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n",
		r.url.Host, upgradeKey)
	if err != nil {
		return err
	}
	buf := r.buffers.Get().(*[4096]byte)
	defer r.buffers.Put(buf)
	rest, err := readUpgrade(conn, buf[:])
	if err != nil {
		return err
	}
	for {
		if err := r.counted.feed(s, rest, r.clock.now()); err != nil {
			return err
		}
		if s.state == live || s.state == joining && r.cfg.Workload == Join {
			return nil
		}
		n, err := conn.Read(buf[:])
		if err != nil {
			return err
		}
		rest = buf[:n]
	}
}

// readUpgrade reads the response to the upgrade into buf and returns what came
// behind it.
func readUpgrade(conn net.Conn, buf []byte) (rest []byte, err error) {
	n := 0
	for {
		if head, rest, ok := bytes.Cut(buf[:n], []byte("\r\n\r\n")); ok {
			return rest, checkUpgrade(string(head))
		}
		if n == len(buf) {
			return nil, errors.New("response to the upgrade is too long")
		}
		m, err := conn.Read(buf[n:])
		if err != nil {
			return nil, fmt.Errorf("upgrade: %w", err)
		}
		n += m
	}
}

func checkUpgrade(head string) error {
	lines := bufio.NewScanner(strings.NewReader(head))
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "HTTP/1.1 101 ") {
		return fmt.Errorf("upgrade refused: %.200q", head)
	}
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		if strings.EqualFold(name, "Sec-WebSocket-Accept") && strings.TrimSpace(value) == upgradeAccept {
			return nil
		}
	}
	return errors.New("upgrade: Sec-WebSocket-Accept is missing or wrong")
}
