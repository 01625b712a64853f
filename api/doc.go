// Package api is what Parley serves over plain HTTP: the five calls of
// Turbo-Chat under /api, exactly as its clients know them (turbochat.go), and
// Parley's own under /api/v1, whose payloads are the structs of package
// protocol and whose refusals are RFC 9457 problem details with a stable code.
//
// It decides nothing about rooms or messages: it decodes strictly, asks auth
// who is calling, hands the rest to rooms, fanout and history, and turns what
// they answer into HTTP, once, in refusal.go.
package api
