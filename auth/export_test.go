package auth

// OccupyHashing takes every slot for hashing until release is called, and
// shortens the wait for one to nothing.
func (s *Service) OccupyHashing() (release func()) {
	s.hasher.wait = 1
	for range cap(s.hasher.slots) {
		s.hasher.slots <- struct{}{}
	}
	return func() {
		for range cap(s.hasher.slots) {
			<-s.hasher.slots
		}
	}
}

// MaxPasswordBytes is where passwords are wrong unseen.
const MaxPasswordBytes = maxPasswordBytes

// PicturesPerPrefix is how many pictures one network may ask for in a minute.
const PicturesPerPrefix = picturesPerPrefix
