package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/parleychat/parley/protocol"
)

// restTime bounds one call; the server answers within 10 s, if only unknown.
const restTime = 20 * time.Second

// rest makes REST calls to the node that runs.
type rest struct{ client http.Client }

// refusedError is an answer with a code.
type refusedError struct{ protocol.ProblemDetails }

func (e *refusedError) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Detail) }

// call sends body, if any, and reads the answer. Its error is a *refusedError,
// or says that there was no answer.
func (c *rest) call(ctx context.Context, token, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, restTime)
	defer cancel()
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://sim"+path, content)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		refusal := new(refusedError)
		if err := json.Unmarshal(raw, &refusal.ProblemDetails); err != nil || refusal.Code == "" {
			return fmt.Errorf("%s %s answered %s without a code: %.200s", method, path, response.Status, raw)
		}
		return refusal
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}
