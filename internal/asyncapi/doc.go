// Package asyncapi makes the AsyncAPI 3 document of the socket events from the
// source of package protocol: each constant is an event, each struct a schema,
// and the comments are the descriptions. An event that is added there is in the
// document when that is written anew, which a test of package api asks for.
//
// The document is committed as docs/asyncapi.json and served from there; nothing
// of this package is in the server.
package asyncapi
