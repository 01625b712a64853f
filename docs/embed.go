// Package docs holds the documents that the server shows and that are made of
// its source before it is built. The prose beside it is for readers of the
// project.
package docs

import _ "embed"

// AsyncAPI describes the socket events. internal/asyncapi makes it of package
// protocol:
//
//	go test ./api -run TestDocument -update
//
//go:embed asyncapi.json
var AsyncAPI []byte
