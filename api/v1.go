package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// accessToken is the name, in the document, of how people show who they are.
const accessToken = "accessToken"

// routeV1 lays out /api/v1.
func (a *api) routeV1(mux *http.ServeMux) {
	a.v1 = humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:       "Parley",
				Version:     "1",
				Description: aboutV1,
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					accessToken: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The token that signing in gives."},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": strictJSON, "json": strictJSON},
		DefaultFormat: "application/json",
	})
	a.routeAccounts()
	a.routeLinks()
	a.routePeople()
	a.routePictures()
	a.routeStatus()
	a.routeSessions()
	a.routeManagement()
	a.routeRooms()
	a.routeDrafts()
	a.routeMembers()
	a.routeRoomLinks()
	a.routeMessages()
	a.routeReading()
	open(a, operation{
		id: "version", method: http.MethodGet, path: "/api/v1/version", tag: "Server",
		title: "Which Parley this is",
	}, a.version)
	a.refuseTheRest(mux)
	a.routeReference(mux)
}

const aboutV1 = `People, rooms and messages over plain HTTP. Live messages come over Socket.IO.

Bodies are JSON objects of at most 128 KiB. A key twice in one object, a known key in another case, and fields that only the server decides are refused; other unknown fields are passed over.

Refusals are RFC 9457 problem details with a stable code. The codes invalid, forbidden, not_found, conflict, cid_conflict, too_large and gone are final; all others mean: the same request again, with the same cid.`

// refuseTheRest answers what no call is registered for, in the form of every
// other refusal.
func (a *api) refuseTheRest(mux *http.ServeMux) {
	for path, item := range a.v1.OpenAPI().Paths {
		var allowed []string
		for method, call := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
			http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
		} {
			if call != nil {
				allowed = append(allowed, method)
			}
		}
		if item.Get != nil {
			allowed = append(allowed, http.MethodHead)
		}
		slices.Sort(allowed)
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			refuseProblem(w, errMethod)
		})
	}
	mux.Handle("/api/v1/", a.resource(nil, refuseProblem))
}
