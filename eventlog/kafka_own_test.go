package eventlog

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"
)

// TestShare shares partitions among members with any history and any refusals.
func TestShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		partitions := rapid.Int32Range(1, 40).Draw(t, "partitions")
		count := rapid.IntRange(1, 6).Draw(t, "members")
		refusals := rapid.Bool().Draw(t, "refusals")
		members := make([]*groupMember, count)
		for i := range members {
			m := &groupMember{joined: &kmsg.JoinGroupResponseMember{MemberID: fmt.Sprint(i)}, refuses: make(map[int32]bool)}
			m.generation = rapid.Int32Range(0, 3).Draw(t, "generation")
			m.owns = rapid.SliceOfDistinct(rapid.Int32Range(0, partitions+2), func(p int32) int32 { return p }).Draw(t, "owns")
			if refusals {
				for _, p := range rapid.SliceOf(rapid.Int32Range(0, partitions-1)).Draw(t, "refuses") {
					m.refuses[p] = true
				}
			}
			members[i] = m
		}
		shared := share(members, partitions)
		loads := make(map[*groupMember]int)
		for part := range partitions {
			m := shared[part]
			willing := slices.ContainsFunc(members, func(m *groupMember) bool { return !m.refuses[part] })
			if (m != nil) != willing || m != nil && m.refuses[part] {
				t.Fatalf("partition %d: given to %v, somebody is willing: %v", part, m, willing)
			}
			loads[m]++
		}
		// Nobody has two more than somebody who would take one of them.
		for part, m := range shared {
			for _, other := range members {
				if !other.refuses[part] && loads[m] > loads[other]+1 {
					t.Fatalf("partition %d: its owner has %d, another that would take it has %d", part, loads[m], loads[other])
				}
			}
		}
		// Shared once more, nothing moves.
		for i, m := range members {
			m.owns, m.load = nil, 0
			for part := range partitions {
				if shared[part] == members[i] {
					m.owns = append(m.owns, part)
				}
			}
		}
		for part, m := range share(members, partitions) {
			if m != shared[part] {
				t.Fatalf("partition %d moves without need", part)
			}
		}
	})
}

func TestRefusalsTravel(t *testing.T) {
	b := &balancer{refused: make(map[int32]bool)}
	b.refuse(7)
	b.refuse(300)
	var meta kmsg.ConsumerMemberMetadata
	if err := meta.ReadFrom(b.JoinGroupMetadata([]string{"t"}, map[string][]int32{"t": {1, 2}}, 9)); err != nil {
		t.Fatal(err)
	}
	m := newGroupMember(new(kmsg.JoinGroupResponseMember), &meta, "t")
	if !m.refuses[7] || !m.refuses[300] || len(m.refuses) != 2 || m.generation != 9 || !slices.Equal(m.owns, []int32{1, 2}) {
		t.Errorf("member: got %+v", m)
	}
	for _, other := range [][]byte{nil, {}, {2, 0, 0, 0, 1}, {1, 0, 0}} {
		if got := refusedOf(other); len(got) != 0 {
			t.Errorf("refusals of %v: got %v, want none", other, got)
		}
	}
}

// TestBoundsShareAQuestion lets many ask while a question is under way. It may
// have been answered before they came, so they get the next one, all the same.
func TestBoundsShareAQuestion(t *testing.T) {
	const askers = 20
	var q boundsQuestions
	of := boundOf{3, theEnd}
	under, proceed := make(chan int64), make(chan struct{})
	asked := int64(0)
	question := func() (int64, error) {
		asked++
		under <- asked
		<-proceed
		return asked, nil
	}
	answers := make(chan int64, askers)
	ask := func() {
		answer, err := q.ask(t.Context(), of, question)
		if err != nil {
			t.Errorf("ask: got %v, want no error", err)
		}
		answers <- answer
	}
	go ask()
	<-under
	var joined sync.WaitGroup
	var waiting []*boundsAnswer
	for range askers {
		waiting = append(waiting, q.join(of, question))
	}
	for _, answer := range waiting {
		joined.Go(func() {
			select {
			case <-answer.known:
				answers <- answer.offset
			case <-time.After(time.Minute):
				t.Error("asker got no answer")
			}
		})
	}
	proceed <- struct{}{}
	if got := <-answers; got != 1 {
		t.Errorf("first answer: got %d, want 1", got)
	}
	<-under
	proceed <- struct{}{}
	joined.Wait()
	for range askers {
		if got := <-answers; got != 2 {
			t.Errorf("answer of one who came later: got %d, want 2", got)
		}
	}
	q.asked.Wait()
	if asked != 2 {
		t.Errorf("questions: got %d, want 2", asked)
	}
}
