package engineio

import "github.com/parleychat/parley/socketio/wsframe"

// Reason says why a session was closed.
type Reason uint8

// The reasons, with their texts as [Reason.String] gives them. The first four
// have the words of the reference implementation.
const (
	ReasonTransportClose  Reason = iota // "transport close": the peer closed it or went away
	ReasonTransportError                // "transport error": the connection failed, or the peer broke a rule of the transport
	ReasonPingTimeout                   // "ping timeout": no pong came in time
	ReasonParseError                    // "parse error": a malformed frame, packet or payload
	ReasonPayloadTooLarge               // "payload too large": a message or body above the limit
	ReasonFlood                         // "too many frames": frames that carry nothing, beyond their budget
	ReasonConnectTimeout                // "connect timeout": what the session was opened for did not happen in time
	ReasonClientLeft                    // "client disconnect": the peer said goodbye
	ReasonServerLeft                    // "server disconnect": this side said goodbye for good
	ReasonForced                        // "forced close": this side closed it, and does not want the peer back
	ReasonSlow                          // "slow": the peer does not read what is sent to it
	ReasonShuttingDown                  // "server shutting down"
	ReasonInternal                      // "internal error": a handler of this side failed
	reasonCount
)

// Reasons lists every reason, in the order of [Stats.Closed].
func Reasons() []Reason {
	all := make([]Reason, reasonCount)
	for i := range all {
		all[i] = Reason(i)
	}
	return all
}

var reasons = [reasonCount]struct {
	text string
	code wsframe.CloseCode
}{
	ReasonTransportClose:  {"transport close", wsframe.CloseNormal},
	ReasonTransportError:  {"transport error", wsframe.CloseProtocolError},
	ReasonPingTimeout:     {"ping timeout", wsframe.CloseGoingAway},
	ReasonParseError:      {"parse error", wsframe.CloseProtocolError},
	ReasonPayloadTooLarge: {"payload too large", wsframe.CloseTooLarge},
	ReasonFlood:           {"too many frames", wsframe.ClosePolicy},
	ReasonConnectTimeout:  {"connect timeout", wsframe.ClosePolicy},
	ReasonClientLeft:      {"client disconnect", wsframe.CloseNormal},
	ReasonServerLeft:      {"server disconnect", wsframe.CloseNormal},
	ReasonForced:          {"forced close", wsframe.ClosePolicy},
	ReasonSlow:            {"slow", noCode},
	ReasonShuttingDown:    {"server shutting down", noCode},
	ReasonInternal:        {"internal error", wsframe.CloseInternal},
}

func (r Reason) String() string {
	if r >= reasonCount {
		return "unknown"
	}
	return reasons[r].text
}

// noCode stands with the reasons after which the peer is wanted back: they end
// the connection without a close frame. The client for Java (OkHttp below it)
// stops reading at a close frame without telling anybody, and so would come
// back only when it misses a ping. The end of the stream alone it notices at
// once, as all others do.
const noCode wsframe.CloseCode = 0

// frame is the WebSocket close frame that tells a peer the reason, or nil.
func (r Reason) frame() []byte { return closeFrames[r] }

var closeFrames = func() (frames [reasonCount][]byte) {
	for r := range frames {
		if reasons[r].code != noCode {
			frames[r] = wsframe.EncodeClose(reasons[r].code, reasons[r].text)
		}
	}
	return frames
}()
