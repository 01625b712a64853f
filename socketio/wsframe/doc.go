// Package wsframe is the frame layer of RFC 6455 as a server needs it: frames
// out are unmasked and never fragmented, frames in are masked, may be
// fragmented, and are checked strictly. There is no compression and no input
// or output here: [AppendHeader] and [Encode] make bytes, [Reader] takes bytes
// apart, and whoever owns the connection moves them.
//
// A frame made by [Encode] is immutable and can be shared: the same bytes may
// be written to any number of connections.
package wsframe
