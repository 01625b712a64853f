package gateway

import (
	"testing"
	"time"

	"github.com/parleychat/parley/limits"
)

func TestSocketsPerPersonAreBounded(t *testing.T) {
	g := &Gateway{cfg: Config{Limits: limits.NewPeople()}}
	for i := range maxSocketsPerPerson {
		if _, refusal := g.enter(1); refusal != nil {
			t.Fatalf("socket %d: %v", i+1, refusal)
		}
	}
	refused, refusal := g.enter(1)
	if refusal == nil {
		t.Fatalf("socket %d was let in", maxSocketsPerPerson+1)
	}
	g.cfg.Limits.Leave(refused, time.Now())
	g.cfg.Limits.Leave(refused, time.Now())
	if _, refusal := g.enter(1); refusal != nil {
		t.Errorf("after two left: %v", refusal)
	}
}
