package check

import (
	"cmp"
	"fmt"
	"slices"
)

// secretWord is a word that was put into one message, or one edit, of a room.
type secretWord struct {
	room *room
	said sender
	ref  Ref
}

// sighting is a word where it was found first: in what came to a person, or in
// another place, which is nobody's.
type sighting struct {
	word  string
	user  int64
	place string
	ref   Ref
}

// says notes the word that an attempt puts into its text.
func (j *Judge) says(r *room, ref Ref, line *Line) {
	if line.Word == "" {
		return
	}
	key := sender{line.User, line.CID}
	switch w, known := j.words[line.Word]; {
	case !known:
		j.words[line.Word] = secretWord{r, key, ref}
	case w.room != r || w.said != key:
		j.violate("H", []Ref{w.ref, ref}, "the word %s is put into two messages", line.Word)
	}
}

func (j *Judge) searched(_ *file, ref Ref, line *Line) {
	j.verdict.Counts.Searches++
	if line.Word != "" {
		j.sightings = append(j.sightings, sighting{line.Word, line.User, line.Place, ref})
	}
}

// judgeSightings: the words of a room came to those only who could read the
// message that they are of, then or later.
func (j *Judge) judgeSightings() {
	if j.stuck {
		return
	}
	for _, s := range j.sightings {
		w, known := j.words[s.word]
		where := s.place
		if s.user > 0 {
			where = fmt.Sprintf("what came to user %d", s.user)
		}
		switch {
		case !known:
			j.violate("I13", []Ref{s.ref}, "the word %s is in %s, and nobody said it", s.word, where)
		case s.user > 0 && (s.user == w.said.user || w.room.mayHear(s.user, w.said)):
			j.verdict.Counts.WordsSeen++
		default:
			j.violate("I13", []Ref{w.ref, s.ref}, "the word %s of room %d is in %s", s.word, w.room.id, where)
		}
	}
}

// mayHear reports whether a person may know what was sent under a cid: whether
// they could read that message, or the one that it is about, when it was there.
func (r *room) mayHear(user int64, said sender) bool {
	if r.access == nil {
		return true // it is not known who may read
	}
	c := r.visible[said]
	if c == nil {
		return false // it came to nothing
	}
	return slices.ContainsFunc(r.access.turns(user, c.Seq, r.head), func(at uint64) bool {
		from, ok := r.access.readable(user, at)
		return ok && from <= cmp.Or(c.Target, c.Seq)
	})
}
