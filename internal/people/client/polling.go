package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// separator stands between the packets of one body.
const separator = 0x1E

// polling is a session over HTTP long-polling: a GET is always waiting for
// packets, a POST at a time brings them.
type polling struct {
	http    *http.Client
	address string
	ctx     context.Context // ends with close
	cancel  context.CancelFunc

	queue [][]byte // read and not yet asked for; owned by the reader
	polls int      // so far; owned by the reader

	posting turn // taken for one POST
}

func dialPolling(ctx context.Context, dial dialing, base *url.URL) (pipe, error) {
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p := &polling{
		http:    &http.Client{Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 2}},
		address: base.JoinPath("/socket.io/").String() + "?EIO=4&transport=polling",
		ctx:     life,
		cancel:  cancel,
		posting: newTurn(),
	}
	stop := context.AfterFunc(ctx, cancel)
	err := p.open()
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// open begins the session; its first packet says the session's id.
func (p *polling) open() error {
	raw, err := p.read()
	if err != nil {
		return err
	}
	var said struct {
		SID string `json:"sid"`
	}
	if raw[0] != '0' {
		return fmt.Errorf("handshake answered %.40q", raw)
	}
	if err := json.Unmarshal(raw[1:], &said); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	p.address += "&sid=" + url.QueryEscape(said.SID)
	return nil
}

func (p *polling) read() ([]byte, error) {
	if len(p.queue) == 0 {
		// Marked, as the official clients do: Go sends a GET again, unasked, when
		// a connection that it had used before is reset.
		p.polls++
		body, err := p.do(http.MethodGet, p.address+"&t="+strconv.Itoa(p.polls), nil)
		if err != nil {
			return nil, fmt.Errorf("poll: %w", err)
		}
		p.queue = bytes.Split(body, []byte{separator})
	}
	packet := p.queue[0]
	p.queue = p.queue[1:]
	if len(packet) == 0 {
		return nil, errors.New("poll: empty packet")
	}
	return packet, nil
}

func (p *polling) write(packet []byte) error {
	p.posting.take()
	defer p.posting.give()
	if _, err := p.do(http.MethodPost, p.address, packet); err != nil {
		return fmt.Errorf("post: %w", err)
	}
	return nil
}

func (p *polling) do(method, address string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(p.ctx, silence)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	response, err := p.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxMessage))
	if err != nil {
		return nil, err
	}
	switch response.StatusCode {
	case http.StatusOK:
		return answer, nil
	case http.StatusBadRequest:
		return nil, fmt.Errorf("%w: %.200s", ErrNoSession, answer)
	}
	return nil, fmt.Errorf("answered %s: %.200s", response.Status, answer)
}
func (p *polling) close() {
	p.cancel() // ends what is under way, with its connection
	p.http.CloseIdleConnections()
}
