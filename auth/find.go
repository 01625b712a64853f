package auth

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/store"
)

const (
	// DefaultFound is how many people a page has who were found, unless others
	// are wanted.
	DefaultFound = 20
	// MaxFound is how many it has at most.
	MaxFound = 50
)

// Find lists people whose handle, or a word of whose name, begins with text
// ([chat.FindKeys]): those who can sign in, but not who asks. after is what the
// page before gave as next, limit is brought into 1 to [MaxFound]; 0 means
// [DefaultFound]. It refuses with [chat.Invalid] what is too short to look for.
func (s *Service) Find(ctx context.Context, who chat.UserID, text, after string, limit int) (people []chat.Person, next string, err error) {
	q := store.PeopleQuery{But: who}
	if q.Key, err = chat.FindKey(text); err != nil {
		return nil, "", err
	}
	if q.After, err = parsePlace(after, q.Key); err != nil {
		return nil, "", err
	}
	if limit == 0 {
		limit = DefaultFound
	}
	limit = min(max(limit, 1), MaxFound)
	q.Limit = limit + 1
	found, err := s.store.FindPeople(ctx, q)
	if err != nil {
		return nil, "", unavailable(err)
	}
	if len(found) > limit {
		found = found[:limit]
		next = placeCursor(found[limit-1].Place)
	}
	people = make([]chat.Person, 0, len(found))
	for _, p := range found {
		people = append(people, p.Person)
	}
	return people, next, nil
}

// placeCursor is a place as clients give it back: they need not understand it.
func placeCursor(p store.PeoplePlace) string {
	return strconv.FormatInt(int64(p.User), 10) + "." + base64.RawURLEncoding.EncodeToString([]byte(p.Key))
}

// parsePlace reads a place in the list of those who are found by key.
func parsePlace(cursor, key string) (store.PeoplePlace, error) {
	if cursor == "" {
		return store.PeoplePlace{}, nil
	}
	user, encoded, _ := strings.Cut(cursor, ".")
	id, err := strconv.ParseInt(user, 10, 64)
	at, err2 := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || err2 != nil || len(at) > chat.MaxFindKeyBytes || !strings.HasPrefix(string(at), key) {
		return store.PeoplePlace{}, chat.Errorf(chat.Invalid, "after is what the page before gave as next, of the same search.")
	}
	return store.PeoplePlace{Key: string(at), User: chat.UserID(id)}, nil
}
