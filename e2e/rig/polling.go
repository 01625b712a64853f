package rig

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// pollingWire speaks Engine.IO by long-polling: a GET that hangs until there is
// something, a POST for what the client says.
type pollingWire struct {
	url    string // with the session id, once there is one
	header http.Header
	client *http.Client
	ctx    context.Context // ends when the wire is cut
	cut    context.CancelFunc

	mu sync.Mutex // one POST at a time
}

func newPolling(base string, header http.Header) *pollingWire {
	ctx, cut := context.WithCancel(context.Background())
	return &pollingWire{
		url:    base + "/socket.io/?EIO=4&transport=polling",
		header: header,
		ctx:    ctx,
		cut:    cut,
		client: &http.Client{Transport: &http.Transport{}, Timeout: 2 * Patience},
	}
}

// separator stands between the packets of one body.
const separator = "\x1e"

func (w *pollingWire) send(packets ...string) error { return w.post(w.ctx, packets...) }

func (w *pollingWire) post(ctx context.Context, packets ...string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	answer, err := w.do(ctx, "POST", strings.Join(packets, separator))
	if err == nil && answer != "ok" {
		err = fmt.Errorf("POST was answered %q", answer)
	}
	return err
}

func (w *pollingWire) receive() ([]string, error) {
	body, err := w.do(w.ctx, "GET", "")
	if err != nil {
		return nil, err
	}
	return strings.Split(body, separator), nil
}

func (w *pollingWire) do(ctx context.Context, method, body string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, w.url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	for name, values := range w.header {
		req.Header[name] = values
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s %.300s", method, resp.Status, answer)
	}
	return string(answer), nil
}

// leave waits for its answer also when the end is read, and the wire cut, before
// that comes.
func (w *pollingWire) leave() error { return w.post(context.WithoutCancel(w.ctx), "41", "1") }

func (w *pollingWire) close() {
	w.cut()
	w.client.CloseIdleConnections()
}
