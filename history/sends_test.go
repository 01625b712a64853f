package history_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
)

// BenchmarkSends measures durable sends of 1,000 senders that wait for each
// answer, in 20 rooms without listeners: everything from the hub to the answer,
// while nobody stores them and while the recorder does. Beside it stands
// BenchmarkAppend of package eventlog, which has the log alone and a bare group
// commit. `make sends` runs both in turn.
func BenchmarkSends(b *testing.B) {
	for _, recorded := range []bool{false, true} {
		name := "hub"
		if recorded {
			name = "hub+recorder"
		}
		b.Run(name, func(b *testing.B) {
			const rooms, senders = 20, 1000
			w := openWorld(b, b.TempDir())
			defer w.close()
			ids := make([]chat.RoomID, rooms)
			for i := range ids {
				ids[i] = w.newRoom(b, chat.PublicRoom).id
			}
			w.storeAll(b)
			if recorded {
				w.record()
			}
			text := strings.Repeat("0123456789", 15)
			var left atomic.Int64
			left.Store(int64(b.N))
			var group sync.WaitGroup
			b.ResetTimer()
			for sender := range senders {
				group.Go(func() {
					draft := chat.Record{Kind: chat.KindMessage, Room: ids[sender%rooms], User: w.ann, Text: text}
					for left.Add(-1) >= 0 {
						if answer := w.hub.SubmitWait(b.Context(), fanout.Submission{Draft: draft}); answer.Err != nil {
							b.Error(answer.Err)
							return
						}
					}
				})
			}
			group.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
