package chat

// ServerRole says what somebody may do on the whole server. It says nothing
// about rooms: nobody reads a room for being an admin of the server.
type ServerRole string

const (
	ServerOwner  ServerRole = "owner"  // everything; there is always one
	ServerAdmin  ServerRole = "admin"  // manages people who are no owners
	ServerMember ServerRole = "member" // takes part
)

// rank orders the roles; what is none is below all.
func (r ServerRole) rank() int {
	switch r {
	case ServerOwner:
		return 3
	case ServerAdmin:
		return 2
	case ServerMember:
		return 1
	}
	return 0
}

// Valid reports whether there is such a role.
func (r ServerRole) Valid() bool { return r.rank() > 0 }

// Manages reports whether somebody of this role may see the list of people,
// and invite.
func (r ServerRole) Manages() bool { return r.rank() >= ServerAdmin.rank() }

// MayManage reports whether somebody of this role may disable and enable
// somebody of the other one, and give or take it: owners everybody, admins
// everybody but owners.
func (r ServerRole) MayManage(other ServerRole) bool {
	return r.Manages() && r.rank() >= other.rank()
}

// MayReset reports whether somebody of this role may make a link that sets the
// password of somebody of the other one. Whoever has such a link can act as
// that person, so it must not reach as high as oneself: owners for everybody,
// admins for members.
func (r ServerRole) MayReset(other ServerRole) bool {
	return r == ServerOwner || r.Manages() && r.rank() > other.rank()
}
