package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/fanout"
	"github.com/parleychat/parley/history"
	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/protocol"
	"github.com/parleychat/parley/reading"
	"github.com/parleychat/parley/rooms"
)

// Config is what the REST surface works with. All fields but Origins, Refused,
// Logger and Now are required.
type Config struct {
	Auth    *auth.Service
	Rooms   *rooms.Service
	Reading *reading.Service
	Hub     *fanout.Hub
	Reader  *history.Reader
	Limits  *limits.People // shared with sockets

	// Room, Page and Recent show a room or a page as sockets get it, so that
	// there is one form; pages also in that of Turbo-Chat, newest first.
	Room     func(rooms.Room) protocol.RoomInfo
	Draft    func(chat.MessageDraft) protocol.MessageDraft
	Standing func(reading.Standing) protocol.Standing
	Page     func(context.Context, history.Page) (protocol.PageAck, error)
	Recent   func(context.Context, history.Page) ([]protocol.TurboMessage, error)

	// Status is how somebody is shown, and SetStatus lets somebody choose it.
	Status    func(chat.UserID) chat.Status
	SetStatus func(context.Context, chat.UserID, protocol.StatusRequest) (protocol.OwnStatus, error)
	// ShownAnew tells others that somebody has another name or picture.
	ShownAnew func(chat.UserID)

	// ShowEmail lets everybody see the e-mail addresses of others.
	ShowEmail bool
	// PublicURL is where people reach the server, without a slash at its end;
	// "": where the one who asks does.
	PublicURL string
	// Origins are the pages of other origins that may call, as browsers write
	// them: https://chat.example.org. They may not send cookies.
	Origins []string
	// Secure says that browsers reach the server over TLS, whoever ends it:
	// cookies are for such connections alone. Otherwise each request tells.
	Secure bool

	// Ready tells of each part of the server whether it can do its work. Its
	// errors are shown to everybody.
	Ready   func(context.Context) []Check
	Version string

	// Refused is told of each call that was refused; nil: nobody counts.
	Refused func(chat.Code)

	Logger *slog.Logger     // nil: slog.Default
	Now    func() time.Time // nil: time.Now
}

// Bounds of one request.
const (
	maxBody = 128 << 10 // bytes
	// requestTime is how long a call may work; the slowest waits for the log
	// and then for the store.
	requestTime = 25 * time.Second
	// answerTime is how long a client may take to read its answer, after the
	// work.
	answerTime = 30 * time.Second

	// lateRetry is when to call again what took too long.
	lateRetry = 2 * time.Second

	// While something is broken every request fails; the log need not say it
	// of each.
	failuresPerSecond = 1
	failuresBurst     = 50
)

// api holds what the calls work with.
type api struct {
	cfg       Config
	logger    *slog.Logger
	now       func() time.Time
	failures  *rate.Limiter // how often failures are logged
	crossSite *http.CrossOriginProtection
	mayCall   map[string]bool // by origin
	v1        huma.API        // routes, decodes and documents /api/v1
	calls     []operation     // of /api/v1, in the order in which they were laid out
}

// New makes the handler of /api/, /docs, /healthz and /readyz. Its error is about an
// origin that is none.
func New(cfg Config) (http.Handler, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Refused == nil {
		cfg.Refused = func(chat.Code) {}
	}
	a := &api{
		cfg:       cfg,
		logger:    cfg.Logger,
		now:       cfg.Now,
		failures:  rate.NewLimiter(failuresPerSecond, failuresBurst),
		crossSite: http.NewCrossOriginProtection(),
		mayCall:   make(map[string]bool, len(cfg.Origins)),
	}
	for _, origin := range cfg.Origins {
		if err := a.crossSite.AddTrustedOrigin(origin); err != nil {
			return nil, err
		}
		a.mayCall[origin] = true
	}
	return a.guard(a.routes()), nil
}

// routes is the whole surface.
func (a *api) routes() http.Handler {
	mux := http.NewServeMux()
	turbo := func(path string, calls methods) { mux.Handle(path, a.resource(calls, refuseTurbo)) }
	turbo("/api/register", methods{"POST": a.turboRegister})
	turbo("/api/login", methods{"POST": a.turboLogin})
	turbo("/api/chat", methods{"GET": a.signedIn(a.turboRooms), "POST": a.signedIn(a.turboCreate)})
	turbo("/api/chat/{$}", methods{"GET": a.signedIn(a.turboRooms), "POST": a.signedIn(a.turboCreate)})
	turbo("/api/chat/{room}/messages", methods{"GET": a.signedIn(a.turboMessages)})
	turbo("/api/", nil)

	a.routeV1(mux)

	plain := func(path string, calls methods) { mux.Handle(path, a.resource(calls, refuseProblem)) }
	plain("/healthz", methods{"GET": a.alive})
	plain("/readyz", methods{"GET": a.ready})
	return mux
}
