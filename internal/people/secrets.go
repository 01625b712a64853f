package people

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"sync"

	"github.com/google/uuid"

	"github.com/parleychat/parley/internal/check"
)

// secretWord finds the words that are put into messages of rooms that are not
// for everybody.
var secretWord = regexp.MustCompile(`canary[0-9a-f]{32}`)

// secrets are words that must stay in their rooms, and who was seen to know one.
type secrets struct {
	mu   sync.Mutex
	seen map[string]bool // by person, or place, and word
}

// newWord is a word that is nowhere else, empty where a room is for everybody.
func (c *Crowd) newWord(room int64) string {
	if !c.Private[room] {
		return ""
	}
	id := uuid.New()
	return "canary" + hex.EncodeToString(id[:])
}

// wordIn is the word in a text, if there is one.
func wordIn(text string) string { return secretWord.FindString(text) }

// Heard looks through what came to a person.
func (c *Crowd) Heard(person int64, raw []byte) {
	c.find(raw, fmt.Sprint(person), check.Line{Place: "person", Event: check.Event{User: person}})
}

// Search looks through what is at a place that is nobody's, a log for one, and
// writes down that it was.
func (c *Crowd) Search(place string, content []byte) {
	c.History.Write(check.Line{What: check.Searched, Place: place})
	c.find(content, place, check.Line{Place: place})
}

// find writes down each word that was not found there before.
func (c *Crowd) find(raw []byte, where string, line check.Line) {
	for _, word := range secretWord.FindAll(raw, -1) {
		line.What, line.Word = check.Searched, string(word)
		if c.secrets.first(where + " " + line.Word) {
			c.History.Write(line)
		}
	}
}

func (s *secrets) first(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = make(map[string]bool)
	}
	before := s.seen[key]
	s.seen[key] = true
	return !before
}
