package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/parleychat/parley/docs"
	"github.com/parleychat/parley/protocol"
)

// referencePages show the documents to people, without any other host: a page
// for each, a script that makes it of the document, and what both have in
// common.
//
//go:embed reference
var referencePages embed.FS

// referencePolicy is the Content-Security-Policy of the pages. Their scripts
// make nodes, never HTML from strings.
const referencePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// asyncAPIType is the media type of an AsyncAPI document in JSON.
const asyncAPIType = "application/vnd.aai.asyncapi+json;version=3.0.0"

// routeReference serves the documents and the pages that show them.
func (a *api) routeReference(mux *http.ServeMux) {
	document := a.document()
	file := func(path, contentType string, text []byte) {
		mux.Handle(path, a.resource(methods{"GET": func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Content-Security-Policy", referencePolicy)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
			return nil
		}}, refuseProblem))
	}
	page := func(path, name, contentType string) {
		text, err := referencePages.ReadFile("reference/" + name)
		if err != nil {
			panic("api: the reference is embedded: " + err.Error())
		}
		file(path, contentType, text)
	}
	file("/api/v1/openapi.json", "application/openapi+json", document)
	file("/api/v1/asyncapi.json", asyncAPIType, docs.AsyncAPI)
	file("/docs/postman.json", "application/json", a.postman())
	page("/docs", "calls.html", "text/html; charset=utf-8")
	page("/docs/sockets", "sockets.html", "text/html; charset=utf-8")
	for _, script := range []string{"page.js", "calls.js", "sockets.js"} {
		page("/docs/"+script, script, "text/javascript; charset=utf-8")
	}
	page("/docs/page.css", "page.css", "text/css; charset=utf-8")
}

// document is the OpenAPI 3.1 description of /api/v1, made of the registered
// calls and their types.
func (a *api) document() []byte {
	openAPI := a.v1.OpenAPI()
	schemas := openAPI.Components.Schemas
	event := schemas.Schema(reflect.TypeFor[protocol.Event](), true, "")
	for name, schema := range schemas.Map() {
		// Clients must take fields that they do not know, and so do we.
		schema.AdditionalProperties = nil
		if name == reflect.TypeFor[protocol.PageAck]().Name() {
			// In Go these are the bytes that the log holds.
			schema.Properties["events"].Items = event
		}
	}
	return documentText(openAPI)
}

func documentText(document any) []byte {
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		panic("api: documents are made of plain structs: " + err.Error())
	}
	return append(text, '\n')
}
