package protocol

// Payloads of the REST calls about people.

// User is what everybody on the server sees of somebody.
type User struct {
	ID      int64  `json:"id"`
	Name    string `json:"name" doc:"display name; \"deleted user\" of a deleted account"`
	Handle  string `json:"handle,omitempty" doc:"unique, without the @; absent of a deleted account"`
	Email   string `json:"email,omitempty" doc:"only where the server shows addresses to its members"`
	Picture string `json:"picture,omitempty" doc:"id of the person's picture, at /api/v1/pictures/{picture}; absent: none"`
	Deleted bool   `json:"deleted,omitempty"`
}

// SearchPeopleRequest asks for people, those included with whom one shares no
// room. It is the payload of searchPeople.
type SearchPeopleRequest struct {
	Search string `json:"search" doc:"how a handle, or a word of a name, begins, whatever its case and accents; an @ before it is passed over" minLength:"2" example:"ann"`
	After  string `json:"after,omitempty" doc:"next of the page before, of the same search"`
	Limit  int    `json:"limit,omitempty" doc:"people wanted, 20 when absent" minimum:"1" maximum:"50"`
}

// PeoplePage answers GET /api/v1/people: who can be written to and is called
// like that, without oneself.
type PeoplePage struct {
	People []PersonInfo `json:"people"`
	Next   string       `json:"next,omitempty" doc:"cursor of the next page; absent on the last one"`
}

// SearchPeopleAck answers searchPeople.
type SearchPeopleAck struct {
	OK bool `json:"ok"`
	PeoplePage
}

// ProfileChange is the body of PATCH /api/v1/me. What is absent stays.
type ProfileChange struct {
	Name   *string `json:"name,omitempty" doc:"display name" minLength:"1" maxLength:"64" example:"Ann Example"`
	Handle *string `json:"handle,omitempty" doc:"2 to 32 of a-z 0-9 . _ - that nobody else has"`
}

// NewPicture is the body of PUT /api/v1/me/picture.
type NewPicture struct {
	Image string `json:"image" doc:"a PNG or JPEG file of at most 256 KiB and 4 million pixels, in base64" example:"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPgzo4HAAFaANanNgP+AAAAAElFTkSuQmCC"`
}

// PasswordChange is the body of PUT /api/v1/me/password.
type PasswordChange struct {
	Present string `json:"present" doc:"the password until now"`
	Wanted  string `json:"wanted" doc:"8 to 128 characters"`
}

// Confirmation is the body of calls that ask for the password again.
type Confirmation struct {
	Password string `json:"password"`
}

// SessionInfo is one sign-in of the person.
type SessionInfo struct {
	ID        string `json:"id"`
	Present   bool   `json:"present" doc:"it is the one that asks"`
	UserAgent string `json:"userAgent" doc:"what the device called itself"`
	CreatedAt int64  `json:"createdAt" doc:"ms UTC"`
	UsedAt    int64  `json:"usedAt" doc:"ms UTC, when it was last renewed"`
	ExpiresAt int64  `json:"expiresAt" doc:"ms UTC"`
}

// SessionList answers GET /api/v1/me/sessions, the last used first.
type SessionList struct {
	Sessions []SessionInfo `json:"sessions"`
}

// LinkPassword is the body of POST /api/v1/reset.
type LinkPassword struct {
	Token    string `json:"token" doc:"of the link"`
	Password string `json:"password" doc:"8 to 128 characters"`
}

// Setup is the body of POST /api/v1/setup.
type Setup struct {
	Token    string `json:"token" doc:"of the link that the server printed when it started"`
	Email    string `json:"email" doc:"of a new account, or of one that there is"`
	Password string `json:"password"`
}

// Account is what owners and admins of the server see of somebody.
type Account struct {
	ID         int64  `json:"id"`
	Email      string `json:"email"`
	Name       string `json:"name"`
	Handle     string `json:"handle"`
	Role       string `json:"role" doc:"on this server: owner, admin, member"`
	CreatedAt  int64  `json:"createdAt" doc:"ms UTC"`
	DisabledAt int64  `json:"disabledAt,omitempty" doc:"ms UTC; absent when not disabled"`
}

// AccountList answers GET /api/v1/admin/users.
type AccountList struct {
	Users []Account `json:"users"`
	Next  string    `json:"next,omitempty" doc:"cursor of the next page; absent on the last one"`
}

// AccountChange is the body of PATCH /api/v1/admin/users/{user}. What is absent
// stays.
type AccountChange struct {
	Role     *string `json:"role,omitempty" doc:"owner, admin or member" example:"member"`
	Disabled *bool   `json:"disabled,omitempty" doc:"true shuts the person out at once"`
}

// ResetLink answers POST /api/v1/admin/users/{user}/reset. Its token is shown
// this once.
type ResetLink struct {
	Token     string `json:"token"`
	URL       string `json:"url" doc:"to hand to the person"`
	ExpiresAt int64  `json:"expiresAt" doc:"ms UTC"`
}

// InviteRequest is the body of POST /api/v1/admin/invites.
type InviteRequest struct {
	Uses    int   `json:"uses,omitempty" doc:"how many people it lets in, 1 to 1,000, 1 when absent"`
	Seconds int64 `json:"seconds,omitempty" doc:"how long it is good, a minute to 90 days, 7 days when absent"`
}

// InviteLink answers it. Its token is shown this once.
type InviteLink struct {
	Invite Invite `json:"invite"`
	Token  string `json:"token"`
	URL    string `json:"url" doc:"to hand to the people"`
}

// Invite is one that is good now.
type Invite struct {
	ID        int64 `json:"id"`
	CreatedBy int64 `json:"createdBy" doc:"user id, 0: on the server's own machine"`
	CreatedAt int64 `json:"createdAt" doc:"ms UTC"`
	ExpiresAt int64 `json:"expiresAt" doc:"ms UTC"`
	UsesLeft  int   `json:"usesLeft"`
}

// InviteList answers GET /api/v1/admin/invites, the oldest first.
type InviteList struct {
	Invites []Invite `json:"invites"`
}
