package eventlog

import (
	"testing"
	"time"
)

// WriterExec runs a statement on the writer's connection. Only for a moment at
// which nothing is being appended or trimmed.
func (l *SQLite) WriterExec(query string) error { return l.writer.conn.exec(query) }

// SetMissingAtMost changes how long a topic may be unknown, for one test.
func SetMissingAtMost(t *testing.T, d time.Duration) {
	was := missingAtMost
	missingAtMost = d
	t.Cleanup(func() { missingAtMost = was })
}

// ClientVoice is what clients of Kafka have to say.
type ClientVoice = clientVoice

// NewClientVoice makes one that tells nothing before it is opened.
var NewClientVoice = newClientVoice

func (v *clientVoice) Open()  { v.open() }
func (v *clientVoice) Close() { v.close() }
