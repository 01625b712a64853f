package auth

// bounded is a map of at most limit entries. When it is full, a new entry takes
// the place of one picked at random: nobody can choose what is forgotten. It is
// not safe for concurrent use.
type bounded[K comparable, V any] struct {
	limit   int
	entries map[K]V
}

func newBounded[K comparable, V any](limit int) bounded[K, V] {
	return bounded[K, V]{limit: limit, entries: make(map[K]V)}
}

func (b *bounded[K, V]) get(key K) (V, bool) {
	value, found := b.entries[key]
	return value, found
}

func (b *bounded[K, V]) put(key K, value V) {
	if _, found := b.entries[key]; !found && len(b.entries) >= b.limit {
		for victim := range b.entries { // iteration starts at a random entry
			delete(b.entries, victim)
			break
		}
	}
	b.entries[key] = value
}

func (b *bounded[K, V]) remove(key K) { delete(b.entries, key) }
