package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// postmanSchema names the form of the collection.
const postmanSchema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

const aboutPostman = `Every call of /api/v1, made of the OpenAPI document.

Set the variables server, email and password. Run from the top: register or log in, and the token is kept; a room that is made, a message that is sent and the like are kept in variables too, for the calls that need them. user is the id of another person.`

// Parts of a collection of version 2.1.
type (
	postmanCollection struct {
		Info     postmanInfo       `json:"info"`
		Auth     postmanAuth       `json:"auth"`
		Item     []postmanFolder   `json:"item"`
		Variable []postmanVariable `json:"variable"`
	}
	postmanInfo struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Schema      string `json:"schema"`
	}
	postmanFolder struct {
		Name string        `json:"name"`
		Item []postmanItem `json:"item"`
	}
	postmanItem struct {
		Name    string         `json:"name"`
		Event   []postmanEvent `json:"event"`
		Request postmanRequest `json:"request"`
	}
	postmanEvent struct {
		Listen string        `json:"listen"`
		Script postmanScript `json:"script"`
	}
	postmanScript struct {
		Type string   `json:"type"`
		Exec []string `json:"exec"`
	}
	postmanRequest struct {
		Auth        *postmanAuth      `json:"auth,omitempty"`
		Method      string            `json:"method"`
		Header      []postmanVariable `json:"header"`
		Body        *postmanBody      `json:"body,omitempty"`
		URL         postmanURL        `json:"url"`
		Description string            `json:"description"`
	}
	postmanAuth struct {
		Type   string            `json:"type"`
		Bearer []postmanVariable `json:"bearer,omitempty"`
	}
	postmanBody struct {
		Mode string `json:"mode"`
		Raw  string `json:"raw"`
	}
	postmanURL struct {
		Raw   string            `json:"raw"`
		Host  []string          `json:"host"`
		Path  []string          `json:"path"`
		Query []postmanVariable `json:"query,omitempty"`
	}
	postmanVariable struct {
		Key         string `json:"key"`
		Value       string `json:"value"`
		Type        string `json:"type,omitempty"`
		Description string `json:"description,omitempty"`
		Disabled    bool   `json:"disabled,omitempty"`
	}
)

// postmanValues are what fields of bodies say, by their name, or by call and
// name, where an example would not do.
var postmanValues = map[string]any{
	"email": "{{email}}", "password": "{{password}}", "present": "{{password}}", "wanted": "{{password}}",
	"userId": json.RawMessage("{{user}}"), "roomId": json.RawMessage("{{room}}"), "cid": "{{$guid}}", "createRoom.name": "{{$guid}}",
	"token": "{{linkToken}}", "setup.token": "{{setupToken}}", "reset.token": "{{resetToken}}",
}

// postmanKeeps are what is kept of answers, by call: where it is, by the name of
// the variable.
var postmanKeeps = map[string]map[string]string{
	"register":     {"token": "token"},
	"login":        {"token": "token"},
	"refresh":      {"token": "token"},
	"setup":        {"token": "token"},
	"createRoom":   {"room": "id"},
	"sendMessage":  {"seq": "seq"},
	"addLink":      {"link": "id", "linkToken": "token"},
	"makeInvite":   {"invite": "invite.id"},
	"listSessions": {"session": "sessions[0].id"},
}

// signsOut are the calls after which the token is worth nothing. They come last.
var signsOut = []string{"logout", "endSession", "endSessions", "deleteMe"}

const signingOut = "Signing out"

// postman is a collection for Postman with every call, in an order in which it
// can be run from the top.
func (a *api) postman() []byte {
	collection := postmanCollection{
		Info: postmanInfo{Name: "Parley", Description: aboutPostman, Schema: postmanSchema},
		Auth: postmanAuth{Type: "bearer", Bearer: []postmanVariable{{Key: "token", Value: "{{token}}", Type: "string"}}},
		Item: a.postmanFolders(),
	}
	for _, variable := range [][2]string{
		{"server", "http://127.0.0.1:3000"}, {"email", "you@example.org"}, {"password", "correct horse battery"},
		{"token", ""}, {"room", "1"}, {"user", "2"}, {"seq", "2"}, {"link", "1"}, {"linkToken", ""}, {"setupToken", ""}, {"resetToken", ""}, {"invite", "1"},
		{"session", ""}, {"handle", "you"}, {"picture", "none"},
	} {
		collection.Variable = append(collection.Variable, postmanVariable{Key: variable[0], Value: variable[1]})
	}
	return documentText(collection)
}

// postmanFolders are the chapters, in the order in which they were laid out,
// each with what makes something before what removes it.
func (a *api) postmanFolders() []postmanFolder {
	var folders []postmanFolder
	add := func(name string, item postmanItem) {
		i := slices.IndexFunc(folders, func(f postmanFolder) bool { return f.Name == name })
		if i < 0 {
			folders, i = append(folders, postmanFolder{Name: name}), len(folders)
		}
		folders[i].Item = append(folders[i].Item, item)
	}
	paths := a.v1.OpenAPI().Paths
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodPatch, http.MethodPut, http.MethodDelete} {
		for _, op := range a.calls {
			if op.method == method && !slices.Contains(signsOut, op.id) {
				add(op.tag, a.postmanItem(operationOf(paths[op.path], method)))
			}
		}
	}
	for _, id := range signsOut {
		for _, op := range a.calls {
			if op.id == id {
				add(signingOut, a.postmanItem(operationOf(paths[op.path], op.method)))
			}
		}
	}
	return folders
}

func operationOf(item *huma.PathItem, method string) *huma.Operation {
	switch method {
	case http.MethodGet:
		return item.Get
	case http.MethodPost:
		return item.Post
	case http.MethodPut:
		return item.Put
	case http.MethodPatch:
		return item.Patch
	}
	return item.Delete
}

func (a *api) postmanItem(op *huma.Operation) postmanItem {
	item := postmanItem{
		Name:  op.Summary,
		Event: []postmanEvent{{Listen: "test", Script: postmanScript{Type: "text/javascript", Exec: postmanTest(op)}}},
		Request: postmanRequest{
			Method: op.Method, Header: []postmanVariable{}, URL: postmanAddress(op), Description: op.Description,
		},
	}
	if op.Security == nil {
		item.Request.Auth = &postmanAuth{Type: "noauth"}
	}
	if op.RequestBody != nil {
		schema := op.RequestBody.Content["application/json"].Schema
		item.Request.Header = append(item.Request.Header, postmanVariable{Key: "Content-Type", Value: "application/json"})
		item.Request.Body = &postmanBody{Mode: "raw", Raw: a.postmanRaw(op.OperationID, schema)}
	}
	return item
}

// postmanAddress has the parts of the path as variables, what has to stand behind
// it as in its example, and what may stand there switched off.
func postmanAddress(op *huma.Operation) postmanURL {
	path := strings.NewReplacer("{", "{{", "}", "}}").Replace(op.Path)
	address := postmanURL{
		Raw: "{{server}}" + path, Host: []string{"{{server}}"}, Path: strings.Split(strings.Trim(path, "/"), "/"),
	}
	for _, parameter := range op.Parameters {
		if parameter.In != "query" {
			continue
		}
		said := postmanVariable{Key: parameter.Name, Description: parameter.Description, Disabled: !parameter.Required}
		if parameter.Required {
			said.Value = fmt.Sprint(parameter.Schema.Examples[0])
			address.Raw += "?" + said.Key + "=" + url.QueryEscape(said.Value)
		}
		address.Query = append(address.Query, said)
	}
	return address
}

// postmanRaw is a body as it is sent: the fields that must be there and those
// that have an example. What stands for a number is no JSON until the variable
// is filled in.
func (a *api) postmanRaw(call string, schema *huma.Schema) string {
	if schema.Ref != "" {
		schema = a.v1.OpenAPI().Components.Schemas.SchemaFromRef(schema.Ref)
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := schema.Properties[name]
		if slices.Contains(schema.Required, name) || len(property.Examples) > 0 {
			lines = append(lines, fmt.Sprintf("  %q: %s", name, postmanValue(call, name, property)))
		}
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n}"
}

// postmanValue is what a field says: a variable, its example, or something of
// its kind.
func postmanValue(call, name string, property *huma.Schema) json.RawMessage {
	said := postmanValues[call+"."+name]
	if said == nil {
		said = postmanValues[name]
	}
	if raw, ok := said.(json.RawMessage); ok {
		return raw
	}
	var value any = []any{}
	switch {
	case said != nil:
		value = said
	case len(property.Examples) > 0:
		value = property.Examples[0]
	case property.Type == huma.TypeString:
		value = "text"
	case property.Type == huma.TypeBoolean:
		value = true
	case property.Type == huma.TypeInteger || property.Type == huma.TypeNumber:
		value = 1
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic("api: examples are plain values: " + err.Error())
	}
	return text
}

// postmanTest checks that the answer is one that the document knows, and keeps
// what later calls need.
func postmanTest(op *huma.Operation) []string {
	statuses := slices.Sorted(maps.Keys(op.Responses))
	lines := []string{
		fmt.Sprintf("pm.test('the status is a documented one', () => pm.expect([%s]).to.include(pm.response.code))", strings.Join(statuses, ", ")),
	}
	keeps := postmanKeeps[op.OperationID]
	if len(keeps) == 0 {
		return lines
	}
	lines = append(lines, "if (pm.response.code < 300) {", "  const answer = pm.response.json()")
	for _, name := range slices.Sorted(maps.Keys(keeps)) {
		lines = append(lines, fmt.Sprintf("  pm.collectionVariables.set('%s', answer.%s)", name, keeps[name]))
	}
	return append(lines, "}")
}
