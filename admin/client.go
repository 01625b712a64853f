package admin

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// ErrNoServer means that no server runs in the data directory, or none that
// has a socket.
var ErrNoServer = errors.New("no server answers in this data directory")

// greetingTime is how long a server may take to say who it is.
const greetingTime = 10 * time.Second

// Client asks a running server.
type Client struct {
	dir   string
	http  *http.Client
	about about
}

// Dial finds the server that runs in the data directory dir. The error is
// [ErrNoServer], or says what keeps this process from talking to it. Close the
// client after use.
func Dial(ctx context.Context, dir string) (*Client, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := checkDir(dir); err != nil {
		return nil, err
	}
	c := &Client{dir: dir}
	c.http = &http.Client{Transport: &http.Transport{DialContext: c.dial}}
	ctx, cancel := context.WithTimeout(ctx, greetingTime)
	defer cancel()
	if err := c.greet(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func checkDir(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no data directory %s: name the server's with --data", dir)
	case err != nil:
		return fmt.Errorf("data directory: %w", err)
	case !info.IsDir():
		return fmt.Errorf("%s is no directory: name the server's data directory with --data", dir)
	}
	return nil
}

func (c *Client) dial(ctx context.Context, _, _ string) (conn net.Conn, err error) {
	err = withAddress(c.dir, SocketName, func(address string) error {
		conn, err = new(net.Dialer).DialContext(ctx, "unix", address)
		return err
	})
	return conn, err
}

// greet learns which server it is.
func (c *Client) greet(ctx context.Context) error {
	response, err := c.do(ctx, http.MethodGet, "/", nil)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED):
		return ErrNoServer
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("you may not give commands to the server of %s: run this as the user that the server runs as", c.dir)
	case err != nil:
		return fmt.Errorf("ask the server of %s: %w", c.dir, err)
	}
	defer response.Body.Close()
	if got := response.Header.Get(protocolHeader); got != strconv.Itoa(Protocol) {
		return fmt.Errorf("the server of %s speaks version %q of the operator's protocol and this program version %d: use the parley that the server was started with", c.dir, got, Protocol)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxRequest)).Decode(&c.about); err != nil {
		return fmt.Errorf("ask the server of %s: %w", c.dir, err)
	}
	return nil
}

func (c *Client) do(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://parley"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return c.http.Do(request)
}

// Version is that of the running server.
func (c *Client) Version() string { return c.about.Version }

// Pid is the process of the running server.
func (c *Client) Pid() int { return c.about.Pid }

// Close lets go of the connection.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Call asks the server for a command.
func (c *Client) Call(ctx context.Context, name string, request any, each func(line []byte) error) error {
	if !slices.Contains(c.about.Commands, name) {
		return fmt.Errorf("the running server is Parley %s, which does not know the command %q: restart it with this version first", c.about.Version, name)
	}
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	response, err := c.do(ctx, http.MethodPost, "/v1/"+name, body)
	if err != nil {
		return asEnded(ctx, fmt.Errorf("ask the server: %w", err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("ask the server: it answers %s", response.Status)
	}
	reader := bufio.NewReaderSize(response.Body, 64<<10)
	for {
		line, err := readLine(reader)
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return ending(response)
		}
		if err != nil {
			return asEnded(ctx, fmt.Errorf("the server went away in the middle of its answer: %w", err))
		}
		if err := each(line); err != nil {
			return err
		}
	}
}

// asEnded prefers to say that the caller's time is over.
func asEnded(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	return err
}

// readLine reads a line of any length, without its newline.
func readLine(reader *bufio.Reader) ([]byte, error) {
	line, err := reader.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return bytes.TrimSuffix(line, []byte("\n")), err
	}
	long := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = reader.ReadSlice('\n')
		long = append(long, line...)
	}
	return bytes.TrimSuffix(long, []byte("\n")), err
}

// ending is how the command ended.
func ending(response *http.Response) error {
	if quoted := response.Trailer.Get(errorTrailer); quoted != "" {
		text, err := strconv.Unquote(quoted)
		if err != nil {
			text = quoted
		}
		return errors.New(text)
	}
	if response.Trailer.Get(doneTrailer) == "" {
		return errors.New("the server went away in the middle of its answer")
	}
	return nil
}
