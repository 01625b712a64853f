// Package gateway is where sockets come in. It signs a socket in, decodes each
// client event strictly, limits and judges it, and hands it to the hub, the
// reader or presence; and it makes the frames that go out.
//
// dispatch.go only dispatches. Every client event has a file of its own, named
// after it. Payloads are the structs of package protocol. turbochat.go holds
// what only Turbo-Chat's clients get.
package gateway
