package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/parleychat/parley/protocol"
)

// referencePage shows the document to people, without any other host: a page,
// a script that makes it of the document, and a style.
//
//go:embed reference
var referencePage embed.FS

// referencePolicy is the Content-Security-Policy of the page. Its script makes
// nodes, never HTML from strings.
const referencePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// routeReference serves the document and the page that shows it.
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
		text, err := referencePage.ReadFile("reference/" + name)
		if err != nil {
			panic("api: the reference is embedded: " + err.Error())
		}
		file(path, contentType, text)
	}
	file("/api/v1/openapi.json", "application/openapi+json", document)
	page("/docs", "page.html", "text/html; charset=utf-8")
	page("/docs/page.js", "page.js", "text/javascript; charset=utf-8")
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
	text, err := json.MarshalIndent(openAPI, "", "  ")
	if err != nil {
		panic("api: the document is made of plain structs: " + err.Error())
	}
	return append(text, '\n')
}
