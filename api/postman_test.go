package api

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestDocumentForPostmanIsCommitted(t *testing.T) {
	committed(t, "postman.json", get(t, surface(t), "/docs/postman.json").Body.Bytes())
}

// Every call of the document is in the collection once, the tables of the
// generator name calls that there are, and every variable has a value.
func TestDocumentForPostmanIsComplete(t *testing.T) {
	handler := surface(t)
	var document struct {
		Paths map[string]map[string]struct{ OperationID, Summary string }
	}
	if err := json.Unmarshal(get(t, handler, "/api/v1/openapi.json").Body.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	text := get(t, handler, "/docs/postman.json").Body.Bytes()
	var collection postmanCollection
	if err := json.Unmarshal(text, &collection); err != nil {
		t.Fatal(err)
	}
	found := make(map[string]int)
	for _, folder := range collection.Item {
		for _, item := range folder.Item {
			address, _, _ := strings.Cut(strings.TrimPrefix(item.Request.URL.Raw, "{{server}}"), "?")
			found[item.Request.Method+" "+address]++
		}
	}
	ids := make(map[string]bool)
	braces := strings.NewReplacer("{", "{{", "}", "}}")
	for path, calls := range document.Paths {
		for method, call := range calls {
			ids[call.OperationID] = true
			name := strings.ToUpper(method) + " " + braces.Replace(path)
			if found[name] != 1 {
				t.Errorf("%s is in the collection %d times, want once", name, found[name])
			}
			delete(found, name)
		}
	}
	if len(found) != 0 {
		t.Errorf("the collection has what the document has not: %v", found)
	}
	for _, id := range signsOut {
		if !ids[id] {
			t.Errorf("signsOut names %s, which is no call", id)
		}
	}
	for id := range postmanKeeps {
		if !ids[id] {
			t.Errorf("postmanKeeps names %s, which is no call", id)
		}
	}
	for _, used := range regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllSubmatch(text, -1) {
		if !slices.ContainsFunc(collection.Variable, func(v postmanVariable) bool { return v.Key == string(used[1]) }) {
			t.Errorf("there is no variable %s", used[1])
		}
	}
}
