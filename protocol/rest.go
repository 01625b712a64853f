package protocol

// Payloads of the REST calls under /api/v1.

// Credentials is the body of POST /api/v1/register and /api/v1/login.
type Credentials struct {
	Email    string `json:"email" maxLength:"254" example:"ann@example.org"`
	Password string `json:"password" minLength:"8" maxLength:"128" example:"correct horse battery"`
	Invite   string `json:"invite,omitempty" doc:"of an invite link; to register on a server that takes people in by invitation"`
}

// SignedIn answers register (201), login and refresh (200). The refresh token
// itself travels only in an HttpOnly cookie.
type SignedIn struct {
	Token     string `json:"token"`
	ExpiresAt int64  `json:"expiresAt" doc:"of the token, ms UTC"`
	User      Self   `json:"user"`
}

// EditMessageBody is the body of PATCH /api/v1/rooms/{room}/messages/{seq}.
type EditMessageBody struct {
	MessageText string `json:"messageText" doc:"in place of what the message said" minLength:"1" maxLength:"10000" example:"Good morning, everybody"`
	CID         string `json:"cid,omitempty" doc:"client's id of this edit, not that of the message"`
	Retry       bool   `json:"retry,omitempty" doc:"a first copy may have been sent before"`
}

// Version answers GET /api/v1/version.
type Version struct {
	Version string `json:"version" doc:"of the program"`
}

// ProblemDetails is RFC 9457's application/problem+json with our code.
type ProblemDetails struct {
	Type       string  `json:"type" doc:"about:blank"`
	Title      string  `json:"title" doc:"what the code means"`
	Status     int     `json:"status"`
	Detail     string  `json:"detail" doc:"what to do, for people"`
	Code       string  `json:"code" doc:"stable name of the refusal, the same as on sockets"`
	RetryAfter float64 `json:"retryAfter,omitempty" doc:"seconds to wait, may be a fraction"`
	RequestID  string  `json:"requestId,omitempty" doc:"of the request, as in its header X-Request-Id and in the server's log"`
}
