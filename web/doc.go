// Package web is Parley's web client: the sources under src, their build under
// dist, and the handler that serves the build from the binary.
//
// The build is committed, with stable file names, so that the binary builds
// with the Go toolchain alone. `npm run build` makes it anew, `npm run
// check:dist` fails when it, or the protocol types that web/protocolgen
// generates, are out of date.
package web

//go:generate go -C .. run ./web/protocolgen
