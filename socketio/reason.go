package socketio

import "github.com/parleychat/parley/socketio/engineio"

// Reason says why a socket was closed.
type Reason = engineio.Reason

// The reasons; see package engineio for what each of them means.
const (
	ReasonTransportClose   = engineio.ReasonTransportClose
	ReasonTransportError   = engineio.ReasonTransportError
	ReasonPingTimeout      = engineio.ReasonPingTimeout
	ReasonParseError       = engineio.ReasonParseError
	ReasonPayloadTooLarge  = engineio.ReasonPayloadTooLarge
	ReasonFlood            = engineio.ReasonFlood
	ReasonConnectTimeout   = engineio.ReasonConnectTimeout
	ReasonClientDisconnect = engineio.ReasonClientLeft
	ReasonServerDisconnect = engineio.ReasonServerLeft
	ReasonForced           = engineio.ReasonForced
	ReasonSlow             = engineio.ReasonSlow
	ReasonShuttingDown     = engineio.ReasonShuttingDown
	ReasonInternal         = engineio.ReasonInternal
)

// Reasons lists every reason, in the order of Stats.Closed.
func Reasons() []Reason { return engineio.Reasons() }

// AllowList is a Config.AllowOrigin for exactly these origins, such as
// "https://chat.example.org".
var AllowList = engineio.AllowList
